package ai.liberclaw.deploy.client;

import java.net.URI;

/**
 * Where an agent answers, and the secret it knows its callers by. Made only from what a provider
 * wrote down, never from text a user can set.
 *
 * @param origin scheme, host and port, without a path
 * @param openedByProvider a loopback port or tunnel that this installation's own provider opened:
 *     the rules for public addresses do not hold for it
 */
public record AgentAddress(URI origin, String secret, boolean openedByProvider) {
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
