package ai.liberclaw.deploy.client;

import java.util.Optional;
import java.util.Set;

/**
 * What an agent says it can do in its {@code /health}. An agent of the original says nothing and so
 * can do none of these.
 *
 * @param bootId random per start of the agent
 */
public record AgentCapabilities(Set<String> names, Optional<String> bootId) {
  public static final AgentCapabilities NONE = new AgentCapabilities(Set.of(), Optional.empty());

  public AgentCapabilities {
    names = Set.copyOf(names);
  }

  /** Turns of one chat wait for one another in the agent. */
  public boolean queue() {
    return names.contains("queue");
  }

  /** Turns go on without a reader, and a reader can come back. */
  public boolean resume() {
    return names.contains("resume");
  }

  public boolean deltas() {
    return names.contains("deltas");
  }

  public boolean approvals() {
    return names.contains("approvals");
  }

  /** Pending messages are read per front end and acknowledged. */
  public boolean channels() {
    return names.contains("channels");
  }
}
