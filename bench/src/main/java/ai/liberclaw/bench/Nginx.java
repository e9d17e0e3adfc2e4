package ai.liberclaw.bench;

import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The least a proxy can be: nginx before the fake agent, with buffering off and nothing logged. */
final class Nginx implements AutoCloseable {
  private final Process process;
  private final int port;

  private Nginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Where Debian's package puts it; empty when it is not installed. */
  static Optional<Path> find() {
    return Stream.of("/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Nginx start(Path binary, Path folder, int port, int upstream) throws IOException {
    Files.createDirectories(folder);
    Path settings = folder.resolve("nginx.conf");
    Files.writeString(
        settings,
        """
        daemon off;
        worker_processes 1;
        worker_rlimit_nofile 16384;
        pid %1$s/nginx.pid;
        error_log %1$s/error.log;
        events { worker_connections 8192; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          keepalive_requests 1000000;
          upstream agent { server 127.0.0.1:%3$d; keepalive 256; }
          server {
            listen 127.0.0.1:%2$d;
            location / {
              proxy_pass http://agent;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_buffering off;
              proxy_read_timeout 300s;
            }
          }
        }
        """
            .formatted(folder, port, upstream));
    Process process =
        new ProcessBuilder(binary.toString(), "-p", folder.toString(), "-c", settings.toString())
            .inheritIO()
            .start();
    Nginx nginx = new Nginx(process, port);
    try {
      Await.until(
          "nginx listens",
          Duration.ofSeconds(20),
          () -> {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
              return true;
            }
          });
    } catch (AssertionError e) {
      nginx.close();
      throw new IOException("nginx did not start", e);
    }
    return nginx;
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
