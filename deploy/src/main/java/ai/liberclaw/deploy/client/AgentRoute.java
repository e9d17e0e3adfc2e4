package ai.liberclaw.deploy.client;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.HostResolver;
import ai.liberclaw.deploy.client.AgentException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Decides which address a request to an agent goes to. A public agent is asked over https and at a
 * public address alone, and the address that was checked is the one that is connected to.
 */
final class AgentRoute {
  private static final int HTTPS_PORT = 443;

  private final AddressPolicy policy;
  private final HostResolver resolver;
  private final boolean plainLoopback;

  /**
   * @param plainLoopback also allows any agent over http on this machine's loopback: development
   */
  AgentRoute(AddressPolicy policy, HostResolver resolver, boolean plainLoopback) {
    this.policy = policy;
    this.resolver = resolver;
    this.plainLoopback = plainLoopback;
  }

  /** The checked address; empty where the origin itself says it exactly. */
  Optional<SocketAddress> of(AgentAddress agent) throws AgentException {
    return switch (agent.way()) {
      case PUBLIC -> ofPublic(agent);
      case OPENED_HERE, TUNNEL -> Optional.empty();
      case ELSEWHERE ->
          throw new AgentException(
              Kind.UNREACHABLE, 0, "the agent lives on another machine of this installation");
    };
  }

  private Optional<SocketAddress> ofPublic(AgentAddress agent) throws AgentException {
    URI origin = agent.origin();
    if (plainLoopback && isLoopbackLiteral(origin.getHost())) {
      return Optional.empty();
    }
    if (!"https".equals(origin.getScheme())) {
      throw refused();
    }
    List<InetAddress> addresses;
    try {
      addresses = resolver.resolve(origin.getHost());
    } catch (IOException e) {
      throw new AgentException(Kind.UNREACHABLE, "the agent's name is unknown", e);
    }
    for (InetAddress address : addresses) {
      if (policy.blocked(address)) {
        throw refused();
      }
    }
    int port = origin.getPort() < 0 ? HTTPS_PORT : origin.getPort();
    return Optional.of(new InetSocketAddress(addresses.getFirst(), port));
  }

  private static boolean isLoopbackLiteral(String host) {
    try {
      return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static AgentException refused() {
    return new AgentException(Kind.UNREACHABLE, 0, "the agent's address is not a public one");
  }
}
