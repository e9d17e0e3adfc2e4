package ai.liberclaw.deploy.host.proxy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Asks a host by a public name, at the loopback port that leads to its 443. */
public final class PublicClient {
  private static final int SILENCE_MS_MAX = 10_000;

  private PublicClient() {}

  /** An event, and when it came by {@link System#nanoTime}. */
  public record Event(String data, long arrived) {}

  /** The status of the answer. */
  public static int status(int port, String name, String path) throws IOException {
    try (SSLSocket socket = connect(port, name)) {
      return Integer.parseInt(ask(socket, name, "GET " + path).readLine().split(" ", 3)[1]);
    }
  }

  /**
   * Events, as they come.
   *
   * @param request method and path
   * @param count after so many it leaves; fewer came when the stream ended before
   */
  public static List<Event> events(int port, String name, String request, int count)
      throws IOException {
    try (SSLSocket socket = connect(port, name)) {
      BufferedReader in = ask(socket, name, request);
      List<Event> events = new ArrayList<>();
      for (String line; events.size() < count && (line = in.readLine()) != null; ) {
        if (line.startsWith("data: ")) {
          events.add(new Event(line.substring("data: ".length()), System.nanoTime()));
        }
      }
      return events;
    }
  }

  /** The shortest time between two events, in milliseconds. */
  public static long shortestGap(List<Event> events) {
    long shortest = Long.MAX_VALUE;
    for (int i = 1; i < events.size(); i++) {
      shortest = Math.min(shortest, events.get(i).arrived() - events.get(i - 1).arrived());
    }
    return shortest / 1_000_000;
  }

  private static BufferedReader ask(SSLSocket socket, String name, String request)
      throws IOException {
    socket
        .getOutputStream()
        .write(
            (request + " HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static SSLSocket connect(int port, String name) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Anybody()}, null);
      SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
      socket.setSoTimeout(SILENCE_MS_MAX);
      return socket;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
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
