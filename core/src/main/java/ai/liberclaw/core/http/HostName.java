package ai.liberclaw.core.http;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * A URL's host, and the address it is when it is written as one. Decimal, octal, hexadecimal and
 * shortened IPv4 forms are read as browsers do (the IPv4 parser of the WHATWG URL Standard), so
 * that none of them can pass for a name.
 */
record HostName(String name, Optional<InetAddress> literal) {
  private static final int LENGTH_MAX = 253;

  static HostName parse(String text) throws FetchException {
    String host = text.toLowerCase(Locale.ROOT);
    if (host.startsWith("[") && host.endsWith("]")) {
      return ipv6(host.substring(1, host.length() - 1));
    }
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    if (host.length() > LENGTH_MAX || !host.matches("[a-z0-9_-]+(\\.[a-z0-9_-]+)*")) {
      throw WebAddress.bad("bad host name");
    }
    String last = host.substring(host.lastIndexOf('.') + 1);
    if (last.matches("[0-9]+|0x[0-9a-f]*")) {
      byte[] address = ipv4(host);
      InetAddress literal = AddressRange.address(address);
      return new HostName(literal.getHostAddress(), Optional.of(literal));
    }
    return new HostName(host, Optional.empty());
  }

  private static HostName ipv6(String text) throws FetchException {
    // A zone (%eth0) names a link, and nothing on a link is public.
    if (text.indexOf('%') >= 0) {
      throw FetchException.blocked();
    }
    if (text.indexOf(':') < 0) {
      throw WebAddress.bad("bad host name");
    }
    try {
      InetAddress literal = InetAddress.ofLiteral(text);
      return new HostName(literal.getHostAddress(), Optional.of(literal));
    } catch (IllegalArgumentException e) {
      throw WebAddress.bad("bad host name");
    }
  }

  private static byte[] ipv4(String host) throws FetchException {
    String[] parts = host.split("\\.", -1);
    if (parts.length > 4) {
      throw WebAddress.bad("bad host name");
    }
    long address = 0;
    for (int i = 0; i < parts.length; i++) {
      long number = number(parts[i]);
      boolean last = i == parts.length - 1;
      // The last number fills all the bytes that are left.
      int bytes = last ? 4 - i : 1;
      if (number >= 1L << (8 * bytes)) {
        throw WebAddress.bad("bad host name");
      }
      address |= number << (last ? 0 : 8 * (3 - i));
    }
    return new byte[] {
      (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
    };
  }

  private static long number(String part) throws FetchException {
    try {
      if (part.startsWith("0x")) {
        return part.length() == 2 ? 0 : Long.parseLong(part.substring(2), 16);
      }
      return part.length() > 1 && part.startsWith("0")
          ? Long.parseLong(part, 8)
          : Long.parseLong(part);
    } catch (NumberFormatException e) {
      throw WebAddress.bad("bad host name");
    }
  }
}
