package ai.liberclaw.deploy.provider;

import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.inference.Gateway;
import ai.liberclaw.deploy.inference.NoGatewayException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How agents of one kind of place reach models: through the gateway, each with its own token. Keys
 * of the operator and of users stay with the gateway.
 */
public final class ModelAccess {
  private final Map<String, String> variables;
  private final Optional<Way> way;

  private record Way(Gateway gateway, AgentTokens tokens) {}

  /**
   * @param variables for all agents, by the names of the agent's own variables
   */
  public ModelAccess(Map<String, String> variables, Gateway gateway, AgentTokens tokens) {
    this.variables = Map.copyOf(variables);
    this.way = Optional.of(new Way(gateway, tokens));
  }

  /** For agents that are told of no gateway: they have what these variables say. */
  public ModelAccess(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
    this.way = Optional.empty();
  }

  /** Why agents there would reach no model, for the operator. */
  public Optional<String> missing() {
    return way.flatMap(w -> w.gateway().missing());
  }

  /**
   * What one agent is told.
   *
   * @return a new map that may be added to
   * @throws ProviderException when there is no way to the gateway
   */
  Map<String, String> of(AgentToken agent) throws InterruptedException {
    Map<String, String> told = new TreeMap<>(variables);
    if (way.isPresent()) {
      URI origin = origin(way.get().gateway());
      told.put("MODEL_PROVIDER", "openai");
      told.put("LIBERTAI_API_BASE_URL", origin + Gateway.OPENAI_PATH);
      told.put("LIBERTAI_SEARCH_BASE_URL", origin + Gateway.SEARCH_PATH);
      told.put("LIBERTAI_API_KEY", way.get().tokens().mint(agent));
    }
    return told;
  }

  private static URI origin(Gateway gateway) throws InterruptedException {
    try {
      return gateway.origin();
    } catch (NoGatewayException e) {
      throw new ProviderException(
          "no_gateway",
          e.passing()
              ? "The gateway to models does not answer yet."
              : "Agents cannot reach models from there.",
          e.passing(),
          e);
    }
  }

  @Override
  public String toString() {
    return "ModelAccess" + variables.keySet();
  }
}
