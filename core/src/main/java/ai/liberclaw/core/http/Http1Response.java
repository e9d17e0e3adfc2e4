package ai.liberclaw.core.http;

import ai.liberclaw.core.http.FetchException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an HTTP/1.0 or 1.1 answer (RFC 9112), and its body without the framing. Reads no more
 * than {@link #HEAD_BYTES_MAX} for the head, whatever the other side sends.
 */
record Http1Response(int status, Map<String, List<String>> headers, InputStream body) {
  static final int HEAD_BYTES_MAX = 64 * 1024;
  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-9][0-9]{2})( .*)?");
  private static final Pattern FIELD = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)");

  static Http1Response read(InputStream in) throws IOException {
    Http1Lines lines = new Http1Lines(in, HEAD_BYTES_MAX);
    while (true) {
      Matcher line = STATUS_LINE.matcher(lines.next());
      if (!line.matches()) {
        throw malformed();
      }
      int status = Integer.parseInt(line.group(1));
      Map<String, List<String>> headers = headers(lines);
      if (status >= 200) {
        return new Http1Response(status, headers, body(status, headers, in));
      }
      if (status == 101) {
        throw malformed();
      }
      // Other 1xx answers precede the real one.
    }
  }

  /** The first value of a header. */
  Optional<String> header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream().findFirst();
  }

  static FetchException malformed() {
    return new FetchException(Reason.PROTOCOL, "answer is not valid HTTP");
  }

  private static Map<String, List<String>> headers(Http1Lines lines) throws IOException {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    List<String> last = new ArrayList<>();
    for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
      if (line.charAt(0) == ' ' || line.charAt(0) == '\t') { // obsolete folding
        if (last.isEmpty()) {
          throw malformed();
        }
        last.add((last.removeLast() + " " + line.strip()).strip());
        continue;
      }
      Matcher field = FIELD.matcher(line);
      if (!field.matches()) {
        throw malformed();
      }
      last =
          headers.computeIfAbsent(
              field.group(1).toLowerCase(Locale.ROOT), name -> new ArrayList<>());
      last.add(field.group(2).strip());
    }
    return headers;
  }

  private static InputStream body(int status, Map<String, List<String>> headers, InputStream in)
      throws FetchException {
    String encoding = String.join(",", headers.getOrDefault("content-encoding", List.of()));
    if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
      throw new FetchException(Reason.PROTOCOL, "answer is compressed, which was not asked for");
    }
    if (status == 204 || status == 304) {
      return InputStream.nullInputStream();
    }
    String transfer = String.join(",", headers.getOrDefault("transfer-encoding", List.of()));
    if (!transfer.isEmpty()) {
      if (!transfer.equalsIgnoreCase("chunked")) {
        throw malformed();
      }
      return new Http1Body(in, Http1Body.CHUNKED);
    }
    List<String> lengths =
        headers.getOrDefault("content-length", List.of()).stream().distinct().toList();
    if (lengths.isEmpty()) {
      return in;
    }
    if (lengths.size() > 1 || !lengths.getFirst().matches("[0-9]{1,18}")) {
      throw malformed();
    }
    return new Http1Body(in, Long.parseLong(lengths.getFirst()));
  }

  /** Lines that end with CRLF, or LF alone, up to a number of bytes altogether. */
  static final class Http1Lines {
    private final InputStream in;
    private int left;

    Http1Lines(InputStream in, int bytesMax) {
      this.in = in;
      this.left = bytesMax;
    }

    String next() throws IOException {
      byte[] line = new byte[128];
      int length = 0;
      while (true) {
        int b = in.read();
        if (b < 0 || left-- == 0) {
          throw malformed();
        }
        if (b == '\n') {
          int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
          return new String(line, 0, end, StandardCharsets.ISO_8859_1);
        }
        if (length == line.length) {
          line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = (byte) b;
      }
    }
  }
}
