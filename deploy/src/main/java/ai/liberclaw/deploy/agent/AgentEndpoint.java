package ai.liberclaw.deploy.agent;

import ai.liberclaw.deploy.client.AgentAddress;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/**
 * How to speak to an agent.
 *
 * @param instanceId what it lives in; empty for an agent of the original
 * @param status as clients see it; chats are for {@code running} alone
 * @param base origin without trailing slash; empty while the agent has no address
 * @param way what the address means to this server
 * @param tunnel to be gone through, when that is the way
 * @param secret the bearer token of its requests; never shown
 * @param messagesWait whether something it said on its own has not been delivered yet
 */
public record AgentEndpoint(
    UUID agentId,
    UUID ownerId,
    Optional<UUID> instanceId,
    String name,
    String status,
    Optional<URI> base,
    AgentAddress.Way way,
    Optional<AgentAddress.Tunnel> tunnel,
    String secret,
    boolean messagesWait) {
  public boolean running() {
    return status.equals("running") && base.isPresent();
  }

  /** For calls; empty while the agent has no address. */
  public Optional<AgentAddress> address() {
    return base.map(origin -> new AgentAddress(origin, secret, way, tunnel));
  }

  /** The owner's web conversation with the agent. */
  public String chatId() {
    return ownerId + ":" + agentId;
  }

  @Override
  public String toString() {
    return "AgentEndpoint[agentId=" + agentId + ", status=" + status + ", base=" + base + "]";
  }
}
