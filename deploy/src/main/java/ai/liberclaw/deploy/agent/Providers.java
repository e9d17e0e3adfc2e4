package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The providers of this installation and which of them new agents get.
 *
 * @param names those in use, the first for new agents
 * @param tiers provider by tier, where it is not the first
 * @param available by name; one that is in use but not here refuses new agents
 * @param machineId the machine this server runs on
 */
public record Providers(
    List<String> names,
    Map<String, String> tiers,
    Map<String, Provider> available,
    String machineId) {
  private static final Logger LOG = System.getLogger(Providers.class.getName());

  public Providers {
    names = List.copyOf(names);
    tiers = Map.copyOf(tiers);
    available = Map.copyOf(new HashMap<>(available));
    if (names.isEmpty()) {
      throw new IllegalArgumentException("at least one provider");
    }
  }

  String first() {
    return names.getFirst();
  }

  /**
   * @throws Refusal 503 when it lacks what it needs
   */
  String forTier(String tier) {
    String name = tiers.getOrDefault(tier, first());
    require(name);
    return name;
  }

  /** What each one in use lacks, if anything. */
  public Map<String, Optional<String>> missing() {
    Map<String, Optional<String>> missing = new LinkedHashMap<>();
    names.forEach(name -> missing.put(name, missing(name)));
    return missing;
  }

  private Optional<String> missing(String name) {
    return Optional.ofNullable(available.get(name))
        .map(Provider::missing)
        .orElse(Optional.of("not part of this server"));
  }

  void require(String name) {
    Optional<String> missing = missing(name);
    if (missing.isPresent()) {
      LOG.log(Level.ERROR, "provider.missing provider=" + name + " reason=" + missing.get());
      throw new Refusal(503, "Deployment provider " + name + " is not configured");
    }
  }

  Provider get(String name) {
    Provider provider = available.get(name);
    if (provider == null) {
      throw new ProviderException(
          "provider_missing", "Deployment provider " + name + " is not configured.", true, null);
    }
    return provider;
  }

  /** The way through another machine's login, if the endpoint is one. */
  static Optional<AgentAddress.Tunnel> tunnel(Endpoint endpoint) {
    return endpoint instanceof Endpoint.Tunnel tunnel
        ? Optional.of(new AgentAddress.Tunnel(tunnel.via(), tunnel.port()))
        : Optional.empty();
  }

  /** What an endpoint means to this server. */
  AgentAddress.Way way(Endpoint endpoint) {
    return switch (endpoint) {
      case Endpoint.Public _ -> AgentAddress.Way.PUBLIC;
      case Endpoint.Tunnel _ -> AgentAddress.Way.TUNNEL;
      case Endpoint.Loopback(String machine, _) ->
          machine.equals(machineId) ? AgentAddress.Way.OPENED_HERE : AgentAddress.Way.ELSEWHERE;
    };
  }
}
