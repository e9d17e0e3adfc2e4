package ai.liberclaw.core.http;

import ai.liberclaw.core.http.FetchException.Reason;
import java.net.IDN;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * An http or https URL, read once so that what is checked is what is asked.
 *
 * @param host lower-case ASCII, an IPv6 address without brackets
 * @param literal the host's address when it is written as one, in whatever form
 * @param target path and query as they go on the wire
 */
record WebAddress(
    String scheme, String host, int port, Optional<InetAddress> literal, String target) {
  private static final int LENGTH_MAX = 8192;

  static WebAddress parse(String url) throws FetchException {
    if (url.length() > LENGTH_MAX) {
      throw bad("URL longer than " + LENGTH_MAX + " characters");
    }
    return of(uri(url));
  }

  /** A {@code Location} header, relative to the page that sent it. */
  WebAddress redirect(String location) throws FetchException {
    if (location.length() > LENGTH_MAX) {
      throw bad("redirect longer than " + LENGTH_MAX + " characters");
    }
    return of(toUri().resolve(uri(location)));
  }

  boolean secure() {
    return scheme.equals("https");
  }

  boolean sameOrigin(WebAddress other) {
    return scheme.equals(other.scheme) && host.equals(other.host) && port == other.port;
  }

  /** As the {@code Host} header has it: a port only when it is not the scheme's own. */
  String authority() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (secure() ? 443 : 80) ? name : name + ":" + port;
  }

  URI toUri() {
    return URI.create(scheme + "://" + authority() + target);
  }

  private static WebAddress of(URI uri) throws FetchException {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw bad("URL must start with http:// or https://");
    }
    String authority = uri.getRawAuthority();
    if (authority == null || authority.isEmpty()) {
      throw bad("URL without a host");
    }
    if (authority.indexOf('@') >= 0) {
      throw bad("URL with a user name or password");
    }
    int port = scheme.equals("https") ? 443 : 80;
    String name = authority;
    int colon = authority.lastIndexOf(':');
    if (colon > authority.lastIndexOf(']')) {
      name = authority.substring(0, colon);
      port = port(authority.substring(colon + 1), port);
    }
    HostName host = HostName.parse(name);
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery();
    return new WebAddress(
        scheme, host.name(), port, host.literal(), query == null ? path : path + "?" + query);
  }

  private static int port(String text, int fallback) throws FetchException {
    if (text.isEmpty()) {
      return fallback;
    }
    if (text.matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= 65535) {
        return port;
      }
    }
    throw bad("bad port in URL");
  }

  private static URI uri(String text) throws FetchException {
    try {
      return new URI(escaped(text.strip()));
    } catch (URISyntaxException e) {
      throw bad("not a valid URL");
    }
  }

  /** Escapes what people leave unescaped in URLs; the host is turned into ASCII first. */
  private static String escaped(String url) throws FetchException {
    int start = url.indexOf("://") < 0 ? 0 : url.indexOf("://") + 3;
    int end = start;
    while (end < url.length() && "/?#\\".indexOf(url.charAt(end)) < 0) {
      end++;
    }
    String authority = url.substring(start, end);
    StringBuilder out = new StringBuilder(url.substring(0, start));
    if (start > 0 && !authority.chars().allMatch(c -> c < 0x80)) {
      try {
        authority = IDN.toASCII(authority);
      } catch (IllegalArgumentException e) {
        throw bad("bad host name");
      }
    }
    out.append(authority);
    String rest = url.substring(end);
    int[] points = rest.codePoints().toArray();
    for (int i = 0; i < points.length; i++) {
      int c = points[i];
      boolean looseEscape = c == '%' && !(hex(points, i + 1) && hex(points, i + 2));
      if (c <= ' ' || c >= 0x7f || "\"<>\\^`{|}[]".indexOf(c) >= 0 || looseEscape) {
        for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
          out.append('%').append(String.format("%02X", b));
        }
      } else {
        out.appendCodePoint(c);
      }
    }
    return out.toString();
  }

  private static boolean hex(int[] points, int at) {
    return at < points.length && points[at] < 0x80 && Character.digit(points[at], 16) >= 0;
  }

  static FetchException bad(String message) {
    return new FetchException(Reason.BAD_URL, message);
  }
}
