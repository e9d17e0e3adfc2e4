package ai.liberclaw.api.auth;

import ai.liberclaw.core.web.Exchange;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The address a request really comes from. {@code X-Forwarded-For} counts only as far as trusted
 * proxies wrote it: from the right, the first address that is not one of them.
 */
public final class ClientAddress {
  private final List<Network> trusted;

  /**
   * @param trusted addresses or CIDR networks
   * @throws IllegalArgumentException naming an entry that is neither
   */
  public ClientAddress(List<String> trusted) {
    this.trusted = trusted.stream().map(Network::parse).toList();
  }

  /**
   * What rate limits count by: an IPv4 address, or an IPv6 network of 64 bits, since that is what
   * one customer gets.
   */
  public String limitSubject(Exchange exchange) {
    InetAddress client = of(exchange);
    if (client instanceof Inet6Address) {
      byte[] network = Arrays.copyOf(client.getAddress(), 16);
      Arrays.fill(network, 8, 16, (byte) 0);
      return text(network) + "/64";
    }
    return client.getHostAddress();
  }

  /**
   * True for a peer that is one of the trusted proxies.
   *
   * @param peer as {@link Exchange#peer} gives it
   */
  public boolean isProxy(String peer) {
    return isTrusted(parse(peer));
  }

  InetAddress of(Exchange exchange) {
    InetAddress peer = parse(exchange.peer());
    if (!isTrusted(peer)) {
      return peer;
    }
    List<String> hops = new ArrayList<>();
    // All of them: some proxies add a line of their own behind the one that the client made up.
    for (String header : exchange.requestHeaders("X-Forwarded-For")) {
      hops.addAll(Arrays.asList(header.split(",", -1)));
    }
    for (String hop : hops.reversed()) {
      InetAddress address;
      try {
        address = InetAddress.ofLiteral(hop.strip());
      } catch (IllegalArgumentException _) {
        return peer;
      }
      if (!isTrusted(address)) {
        return address;
      }
    }
    return peer;
  }

  private boolean isTrusted(InetAddress address) {
    return trusted.stream().anyMatch(network -> network.contains(address));
  }

  private static InetAddress parse(String peer) {
    try {
      return InetAddress.ofLiteral(peer.split("%", 2)[0]);
    } catch (IllegalArgumentException _) {
      return InetAddress.getLoopbackAddress();
    }
  }

  private static String text(byte[] address) {
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("an address of 16 bytes is an address", e);
    }
  }

  private static final class Network {
    private final byte[] address;
    private final int bits;

    Network(byte[] address, int bits) {
      this.address = address;
      this.bits = bits;
    }

    static Network parse(String text) {
      String[] parts = text.split("/", 2);
      byte[] address = InetAddress.ofLiteral(parts[0]).getAddress();
      int bits = parts.length == 2 ? Integer.parseInt(parts[1]) : address.length * 8;
      if (bits < 0 || bits > address.length * 8) {
        throw new IllegalArgumentException("no such network: " + text);
      }
      return new Network(address, bits);
    }

    boolean contains(InetAddress other) {
      byte[] bytes = other.getAddress();
      if (bytes.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((bytes[bit / 8] & mask) != (address[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
