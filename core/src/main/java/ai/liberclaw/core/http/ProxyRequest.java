package ai.liberclaw.core.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The head of a request to a proxy.
 *
 * @param headers lines, as they came
 */
record ProxyRequest(String method, String target, List<String> headers) {
  private static final int HEAD_BYTES_MAX = 64 * 1024;
  private static final Pattern METHOD = Pattern.compile("[A-Za-z-]{1,32}");
  private static final Pattern TARGET = Pattern.compile("[\\x21-\\x7e]+");
  private static final Pattern HEADER = Pattern.compile("[!-9;-~]+:[\\t\\x20-\\x7e\\x80-\\xff]*");

  /**
   * Reads no byte more than the head.
   *
   * @throws IOException also when it is no such head, or too long
   */
  static ProxyRequest read(InputStream in, Duration atMost) throws IOException {
    long end = System.nanoTime() + atMost.toNanos();
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("no request");
      }
      head.append((char) next);
      if (head.length() > HEAD_BYTES_MAX || System.nanoTime() - end > 0) {
        throw new IOException("a request's head over its limit");
      }
    }
    return parse(head.toString().split("\r\n"));
  }

  private static ProxyRequest parse(String[] lines) throws IOException {
    String[] first = lines.length == 0 ? new String[0] : lines[0].split(" ", -1);
    if (first.length != 3
        || !METHOD.matcher(first[0]).matches()
        || !TARGET.matcher(first[1]).matches()
        || !first[2].equals("HTTP/1.1")) {
      throw new IOException("bad request line");
    }
    List<String> headers = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      if (!HEADER.matcher(lines[i]).matches()) {
        throw new IOException("bad header");
      }
      headers.add(lines[i]);
    }
    return new ProxyRequest(first[0], first[1], headers);
  }

  boolean tunnel() {
    return method.equals("CONNECT");
  }

  /** What it asks for; other than http is only to be had through a tunnel. */
  WebAddress address() throws FetchException {
    if (tunnel()) {
      return WebAddress.parse("https://" + target + "/");
    }
    WebAddress address = WebAddress.parse(target);
    if (address.secure()) {
      throw WebAddress.bad("https without a tunnel");
    }
    return address;
  }

  String header(String name) {
    String start = name.toLowerCase(Locale.ROOT) + ":";
    return headers.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
        .map(line -> line.substring(start.length()).strip())
        .findFirst()
        .orElse("");
  }

  /** The head for the server itself: without what was for the proxy, and for one answer only. */
  byte[] forwarded() {
    int path = target.indexOf('/', target.indexOf("://") + 3);
    StringBuilder head = new StringBuilder(method).append(' ');
    head.append(path < 0 ? "/" : target.substring(path)).append(" HTTP/1.1\r\n");
    for (String line : headers) {
      String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
      if (!name.startsWith("proxy-") && !name.equals("connection") && !name.equals("keep-alive")) {
        head.append(line).append("\r\n");
      }
    }
    head.append("Connection: close\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
