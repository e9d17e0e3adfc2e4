package ai.liberclaw.deploy.provider.container;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an agent's container may connect to, as packet filter of its own network namespace: the
 * internet, name servers, and what the operator allows; not this machine, its neighbours, or the
 * address that clouds hand out credentials at. Nobody but the engine may connect to it.
 *
 * @param open no rules at all
 * @param gateway where agents reach models, also when that is in a private network; looked up each
 *     time that rules are made
 */
record EgressRules(boolean open, List<Allowed> allowed, Optional<URI> gateway) {
  /** In the holder's log once the rules hold. */
  static final String READY = "liberclaw: network ready";

  /** Ranges that are not the internet's, by the IANA registries (RFC 6890 and its successors). */
  private static final String PRIVATE =
      "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12,"
          + " 192.0.0.0/24, 192.0.2.0/24, 192.88.99.0/24, 192.168.0.0/16, 198.18.0.0/15,"
          + " 198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/3";

  private static final int PREFIX_MAX_IPV4 = 32;
  private static final int PREFIX_MAX_IPV6 = 128;
  private static final int PORT_MAX = 65_535;
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  EgressRules {
    allowed = List.copyOf(allowed);
  }

  /**
   * An address or a range in a private network that agents may reach.
   *
   * @param port empty: every port
   */
  record Allowed(InetAddress address, int prefix, Optional<Integer> port) {
    /**
     * Reads {@code 10.0.0.5}, {@code 10.0.0.0/24}, {@code 10.0.0.5:11434}, {@code fd00::/8} or
     * {@code [fd00::1]:80}.
     */
    static Optional<Allowed> parse(String text) {
      try {
        String rest = text;
        Optional<Integer> port = Optional.empty();
        int colon = rest.lastIndexOf(':');
        boolean several = rest.indexOf(':') != colon;
        if (colon >= 0 && (!several || rest.charAt(colon - 1) == ']')) {
          port = Optional.of(Integer.parseInt(rest.substring(colon + 1)));
          rest = rest.substring(0, colon);
        }
        if (rest.startsWith("[") && rest.endsWith("]")) {
          rest = rest.substring(1, rest.length() - 1);
        }
        int slash = rest.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? rest : rest.substring(0, slash));
        int most = address.getAddress().length == 4 ? PREFIX_MAX_IPV4 : PREFIX_MAX_IPV6;
        int prefix = slash < 0 ? most : Integer.parseInt(rest.substring(slash + 1));
        boolean holds =
            prefix >= 0 && prefix <= most && port.stream().allMatch(p -> p > 0 && p <= PORT_MAX);
        return holds ? Optional.of(new Allowed(address, prefix, port)) : Optional.empty();
      } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
        return Optional.empty();
      }
    }

    private String rule() {
      String family = address.getAddress().length == 4 ? "ip" : "ip6";
      String destination = family + " daddr " + address.getHostAddress() + "/" + prefix;
      return destination + port.map(p -> " tcp dport " + p).orElse("") + " accept";
    }
  }

  private List<Allowed> toGateway() {
    if (gateway.isEmpty()) {
      return List.of();
    }
    URI origin = gateway.get();
    int usual = "https".equalsIgnoreCase(origin.getScheme()) ? HTTPS_PORT : HTTP_PORT;
    int port = origin.getPort() < 0 ? usual : origin.getPort();
    try {
      return Stream.of(InetAddress.getAllByName(origin.getHost()))
          .map(address ->
              new Allowed(address, address.getAddress().length * Byte.SIZE, Optional.of(port)))
          .toList();
    } catch (UnknownHostException _) {
      // A name this machine does not know: whoever resolves it in the container has the internet.
      return List.of();
    }
  }

  /**
   * What the container that holds the network runs: sets the rules, says so, and waits. It needs
   * {@code sh} and, unless open, {@code nft}.
   */
  String script(int agentPort) {
    StringBuilder script = new StringBuilder("set -eu\n");
    if (!open) {
      script.append("nft -f - <<'RULES'\ntable inet liberclaw {\n");
      script.append("  chain in {\n    type filter hook input priority 0; policy drop;\n");
      script.append("    iif lo accept\n    ct state established,related accept\n");
      // ICMP by number: a small base knows no protocol names.
      script.append("    meta l4proto { 1, 58 } accept\n");
      script.append("    tcp dport ").append(agentPort).append(" accept\n  }\n");
      script.append("  chain out {\n    type filter hook output priority 0; policy accept;\n");
      script.append("    oif lo accept\n    ct state established,related accept\n");
      script.append("    meta l4proto 58 accept\n");
      allowed.forEach(a -> script.append("    ").append(a.rule()).append('\n'));
      toGateway().forEach(a -> script.append("    ").append(a.rule()).append('\n'));
      script.append("  }\n}\nRULES\n");
      // Name servers are often in private networks; the engine has written which they are.
      script.append("for n in $(sed -n 's/^nameserver *//p' /etc/resolv.conf); do\n");
      script.append("  case $n in *:*) f=ip6;; *) f=ip;; esac\n");
      script.append("  nft add rule inet liberclaw out $f daddr $n udp dport 53 accept\n");
      script.append("  nft add rule inet liberclaw out $f daddr $n tcp dport 53 accept\ndone\n");
      script.append("nft add rule inet liberclaw out ip daddr '{ ").append(PRIVATE);
      script.append(" }' reject\n");
      script.append("nft add rule inet liberclaw out ip6 daddr != 2000::/3 reject\n");
    }
    return script.append("echo '").append(READY).append("'\nexec sleep infinity\n").toString();
  }
}
