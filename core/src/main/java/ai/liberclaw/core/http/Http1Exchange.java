package ai.liberclaw.core.http;

import ai.liberclaw.core.http.FetchException.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One GET or POST over a connection of its own to a given address.
 *
 * <p>Written on plain sockets because Helidon's client (4.4.0) decodes and re-encodes the path and
 * query it is given, so that {@code %2F} and {@code %26} change their meaning, and cannot read a
 * body that ends with its connection.
 */
final class Http1Exchange {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9-]+");
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\t\\x20-\\x7e]*");

  /** Nobody answered at this address; another one may. */
  static final class NoConnection extends IOException {
    NoConnection(IOException cause) {
      super(cause);
    }
  }

  private Http1Exchange() {}

  /**
   * The watch gets the socket before the first byte goes out, and owns it from then on.
   *
   * @param body of a POST; absent for a GET
   */
  static Http1Response send(
      WebAddress address,
      InetAddress checked,
      Map<String, String> headers,
      Optional<byte[]> body,
      SSLSocketFactory tls,
      ExchangeWatch watch)
      throws IOException {
    byte[] head = head(address, headers, body);
    Socket socket = new Socket();
    watch.socket(socket);
    try {
      long millis = Math.min(CONNECT_MAX.toMillis(), watch.remaining().toMillis());
      socket.connect(new InetSocketAddress(checked, address.port()), (int) Math.max(1, millis));
    } catch (IOException e) {
      throw new NoConnection(e);
    }
    Socket channel = address.secure() ? secured(socket, address, tls) : socket;
    channel.getOutputStream().write(head);
    if (body.isPresent()) {
      channel.getOutputStream().write(body.get());
    }
    channel.getOutputStream().flush();
    return Http1Response.read(new BufferedInputStream(channel.getInputStream(), BUFFER_BYTES));
  }

  private static SSLSocket secured(Socket socket, WebAddress address, SSLSocketFactory tls)
      throws IOException {
    SSLSocket secured = (SSLSocket) tls.createSocket(socket, address.host(), address.port(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    if (address.literal().isEmpty()) {
      try {
        parameters.setServerNames(List.of(new SNIHostName(address.host())));
      } catch (IllegalArgumentException e) {
        throw new FetchException(Reason.BAD_URL, "bad host name", e);
      }
    }
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  private static byte[] head(
      WebAddress address, Map<String, String> headers, Optional<byte[]> body) {
    StringBuilder head = new StringBuilder();
    head.append(body.isPresent() ? "POST " : "GET ")
        .append(address.target())
        .append(" HTTP/1.1\r\n");
    head.append("Host: ").append(address.authority()).append("\r\n");
    headers.forEach((name, value) -> {
      if (!HEADER_NAME.matcher(name).matches() || !HEADER_VALUE.matcher(value).matches()) {
        throw new IllegalArgumentException("header cannot be sent: " + name);
      }
      head.append(name).append(": ").append(value).append("\r\n");
    });
    body.ifPresent(bytes -> head.append("Content-Length: ").append(bytes.length).append("\r\n"));
    head.append("Accept-Encoding: identity\r\nConnection: close\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
