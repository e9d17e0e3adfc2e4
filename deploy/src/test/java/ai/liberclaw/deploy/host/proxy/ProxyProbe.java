package ai.liberclaw.deploy.host.proxy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.release.Sha256;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Asks the proxies of hosts, whose certificates nobody has signed for. */
public final class ProxyProbe {
  static final int EVENTS = 4;
  private static final long PROGRAM_BYTES_MAX = 200_000_000;

  private ProxyProbe() {}

  /** Debian's Caddy of this machine, packed as it is shipped. */
  public static ProxyArtifact packedCaddy(Path folder) throws Exception {
    Path program = Path.of("/usr/bin/caddy");
    assertTrue(Files.isExecutable(program), "Debian's package caddy is not installed");
    Path packed = folder.resolve(ProxyArtifact.FILE);
    gzip(program, packed);
    // Where a rebuilt package is installed, that one is what is tried here.
    try (var in = Files.newInputStream(program)) {
      return new ProxyArtifact(packed, Sha256.of(in, PROGRAM_BYTES_MAX));
    }
  }

  static void gzip(Path from, Path to) throws Exception {
    try (OutputStream out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(to))) {
      Files.copy(from, out);
    }
  }

  /** Whether an agent sends its events under a name, whoever signed for it. */
  static boolean answers(int port, String name) {
    try {
      return !events(port, name, "").isEmpty();
    } catch (Exception _) {
      return false;
    }
  }

  /** Whether an agent says under a name that it is well, whoever signed for it. */
  public static boolean healthy(int port, String name) {
    try {
      return asked(port, name, "GET /health", "HTTP/1.1 200", 1).size() == 1;
    } catch (Exception _) {
      return false;
    }
  }

  /** When each event arrived; fails when they are not this agent's. */
  static List<Long> events(int port, String name, String agent) throws Exception {
    return asked(port, name, "GET /chat", "data: " + agent, EVENTS);
  }

  /** When each event of an answer arrived. */
  public static List<Long> chat(int port, String name) throws Exception {
    return asked(port, name, "POST /chat", "data: ", EVENTS);
  }

  /** When each line that begins so arrived; fails when they are fewer. */
  private static List<Long> asked(
      int port, String name, String request, String beginning, int lines) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
      socket.setSoTimeout(10_000);
      String head =
          "%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
              .formatted(request, name);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      List<Long> arrivals = new ArrayList<>();
      for (String line; arrivals.size() < lines && (line = in.readLine()) != null; ) {
        if (line.startsWith(beginning)) {
          arrivals.add(System.nanoTime());
        }
      }
      if (arrivals.size() < lines) {
        throw new IllegalStateException(arrivals.size() + " lines, not " + lines);
      }
      return arrivals;
    }
  }

  /** The host signs for itself. */
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
