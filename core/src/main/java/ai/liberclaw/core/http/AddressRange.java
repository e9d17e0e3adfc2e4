package ai.liberclaw.core.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** One network in CIDR notation. */
final class AddressRange {
  private final byte[] network;
  private final int prefixBits;

  private AddressRange(byte[] network, int prefixBits) {
    this.network = network;
    this.prefixBits = prefixBits;
  }

  /** Reads {@code 10.0.0.0/8} or {@code fc00::/7}. */
  static AddressRange of(String cidr) {
    int slash = cidr.indexOf('/');
    try {
      byte[] network = InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress();
      return new AddressRange(network, Integer.parseInt(cidr.substring(slash + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a network: " + cidr, e);
    }
  }

  boolean holds(byte[] address) {
    if (address.length != network.length) {
      return false;
    }
    int whole = prefixBits / 8;
    if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
      return false;
    }
    int rest = prefixBits % 8;
    return rest == 0 || ((address[whole] ^ network[whole]) & 0xff) >> (8 - rest) == 0;
  }

  /** The IPv4 address that an IPv6 one carries from this byte on. */
  static byte[] embeddedIpv4(byte[] ipv6, int from) {
    return Arrays.copyOfRange(ipv6, from, from + 4);
  }

  static InetAddress address(byte[] address) {
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }
}
