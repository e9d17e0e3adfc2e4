package ai.liberclaw.api.agents;

import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.client.AgentHealth;
import java.util.Optional;

/** Asks an agent how it is. */
@FunctionalInterface
public interface AgentProbe {
  /** Empty when the agent does not answer in time, or not as an agent does. */
  Optional<AgentHealth> ask(AgentEndpoint endpoint);

  /** Asks through the control plane's client. */
  static AgentProbe with(AgentClient client) {
    return endpoint -> {
      if (endpoint.address().isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(client.health(endpoint.address().get()));
      } catch (AgentException _) {
        return Optional.empty();
      }
    };
  }
}
