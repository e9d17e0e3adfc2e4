package ai.liberclaw.deploy.client;

import java.net.URI;

/**
 * Where an agent answers, and the secret it knows its callers by. Made only from what a provider
 * wrote down, never from text a user can set.
 *
 * @param origin scheme, host and port, without a path
 */
public record AgentAddress(URI origin, String secret, Way way) {
  /** What an origin means to this server. */
  public enum Way {
    /** An address of the internet, for which the rules for public addresses hold. */
    PUBLIC,
    /** A loopback port or tunnel that this installation's own provider opened on this machine. */
    OPENED_HERE,
    /** The same on another machine: here somebody else may answer, so it is never asked. */
    ELSEWHERE
  }

  public AgentAddress {
    boolean http = "https".equals(origin.getScheme()) || "http".equals(origin.getScheme());
    if (!http || origin.getHost() == null || origin.getUserInfo() != null) {
      throw new IllegalArgumentException("not an HTTP origin");
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "AgentAddress[" + origin + "]";
  }
}
