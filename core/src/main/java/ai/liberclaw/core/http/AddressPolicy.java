package ai.liberclaw.core.http;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which addresses an outbound request may reach: public ones that are not this machine's. The
 * ranges follow the IANA special-purpose address registries (RFC 6890 and its successors).
 */
public final class AddressPolicy {
  private static final List<AddressRange> IPV4_BLOCKED =
      ranges(
          "0.0.0.0/8", // this network
          "10.0.0.0/8",
          "100.64.0.0/10", // carrier-grade NAT
          "127.0.0.0/8",
          "169.254.0.0/16", // link-local, cloud metadata
          "172.16.0.0/12",
          "192.0.0.0/24", // protocol assignments
          "192.0.2.0/24", // documentation
          "192.88.99.0/24", // 6to4 relays
          "192.168.0.0/16",
          "198.18.0.0/15", // benchmarking
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4", // multicast
          "240.0.0.0/4"); // reserved, broadcast
  private static final AddressRange IPV6_GLOBAL = AddressRange.of("2000::/3");
  private static final List<AddressRange> IPV6_BLOCKED =
      ranges(
          "2001::/23", // protocol assignments, Teredo among them
          "2001:db8::/32", // documentation
          "3fff::/20");
  private static final AddressRange IPV6_6TO4 = AddressRange.of("2002::/16");
  private static final AddressRange IPV6_NAT64 = AddressRange.of("64:ff9b::/96");

  private final Set<String> allowHosts;

  /**
   * @param allowHosts exempt: {@code host} (every port) or {@code host:port}; an IPv6 address
   *     stands in brackets when a port follows
   */
  public AddressPolicy(Collection<String> allowHosts) {
    this.allowHosts =
        allowHosts.stream()
            .map(host -> host.strip().toLowerCase(Locale.ROOT))
            .filter(host -> !host.isEmpty())
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether this host and port, as a URL names them, are exempt from {@link #blocked}. */
  public boolean exempt(String host, int port) {
    String name = host.toLowerCase(Locale.ROOT);
    String literal = name.indexOf(':') >= 0 ? "[" + name + "]" : name;
    return allowHosts.contains(name)
        || allowHosts.contains(literal)
        || allowHosts.contains(literal + ":" + port);
  }

  /** Whether nothing may connect to this address. */
  public boolean blocked(InetAddress address) {
    return !publiclyRouted(address.getAddress()) || ofThisHost(address);
  }

  /** Refuses what is not exempt when any of its addresses is blocked. */
  void check(WebAddress address, List<InetAddress> found) throws FetchException {
    if (!exempt(address.host(), address.port()) && found.stream().anyMatch(this::blocked)) {
      throw FetchException.blocked();
    }
  }

  private static boolean publiclyRouted(byte[] address) {
    if (address.length == 4) {
      return IPV4_BLOCKED.stream().noneMatch(range -> range.holds(address));
    }
    if (IPV6_NAT64.holds(address)) {
      return publiclyRouted(AddressRange.embeddedIpv4(address, 12));
    }
    if (IPV6_6TO4.holds(address)) {
      return publiclyRouted(AddressRange.embeddedIpv4(address, 2));
    }
    // IPv4-mapped addresses never get here: Java turns them into IPv4 ones.
    return IPV6_GLOBAL.holds(address)
        && IPV6_BLOCKED.stream().noneMatch(range -> range.holds(address));
  }

  private static boolean ofThisHost(InetAddress address) {
    try {
      // Asked anew each time: addresses of a machine come and go.
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true;
    }
  }

  private static List<AddressRange> ranges(String... cidr) {
    return List.of(cidr).stream().map(AddressRange::of).toList();
  }
}
