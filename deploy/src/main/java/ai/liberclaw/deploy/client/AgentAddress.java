package ai.liberclaw.deploy.client;

import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/**
 * Where an agent answers, and the secret it knows its callers by. Made only from what a provider
 * wrote down, never from text a user can set.
 *
 * @param origin scheme, host and port, without a path
 * @param tunnel the way to the agent, when {@code way} is one; the origin is then only shown
 */
public record AgentAddress(URI origin, String secret, Way way, Optional<Tunnel> tunnel) {
  /** What an origin means to this server. */
  public enum Way {
    /** An address of the internet, for which the rules for public addresses hold. */
    PUBLIC,
    /** A loopback port or tunnel that this installation's own provider opened on this machine. */
    OPENED_HERE,
    /** A port of another machine, reached through a connection of this server to that machine. */
    TUNNEL,
    /**
     * As opened here, but on another machine: here somebody else may answer, so it is never asked.
     */
    ELSEWHERE
  }

  /**
   * A port behind a machine's login.
   *
   * @param via who knows the login
   * @param port on the machine's loopback address
   */
  public record Tunnel(UUID via, int port) {}

  public AgentAddress {
    boolean http =
        "https".equals(origin.getScheme())
            || "http".equals(origin.getScheme())
            || ("ssh".equals(origin.getScheme()) && tunnel.isPresent());
    if (tunnel.isPresent() != (way == Way.TUNNEL)) {
      throw new IllegalArgumentException("a tunnel and another way at once");
    }
    if (!http || origin.getHost() == null || origin.getUserInfo() != null) {
      throw new IllegalArgumentException("not an HTTP origin");
    }
  }

  public AgentAddress(URI origin, String secret, Way way) {
    this(origin, secret, way, Optional.empty());
  }

  /** What requests begin with. */
  URI base() {
    return tunnel.map(t -> URI.create("http://127.0.0.1:" + t.port())).orElse(origin);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "AgentAddress[" + origin + "]";
  }
}
