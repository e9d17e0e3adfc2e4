package ai.liberclaw.deploy;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.AdoptedAgents;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentUpdates;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.proxy.HostProxy;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.ssh.Adoption;
import ai.liberclaw.deploy.provider.ssh.AgentNames;
import ai.liberclaw.deploy.provider.ssh.Host;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import ai.liberclaw.deploy.provider.ssh.SshProvider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.UUID;

/**
 * Takes agents of the original into this installation's care, on the machines they run on. They are
 * served as they are; their next update puts ours in their place, with their data.
 */
public final class AgentAdoption {
  private static final Logger LOG = System.getLogger(AgentAdoption.class.getName());

  private final PlatformDatabase database;
  private final Hosts hosts;
  private final Adoption adoption;
  private final AdoptedAgents agents;

  public AgentAdoption(
      ControlPlaneConfig config, PlatformDatabase database, SshConnections connections) {
    this(config, database, connections, AgentNames.of(HostProxy.of(config.proxy())));
  }

  AgentAdoption(
      ControlPlaneConfig config,
      PlatformDatabase database,
      SshConnections connections,
      AgentNames names) {
    this.database = database;
    this.hosts = ControlPlane.hosts(config, database, connections);
    this.adoption = new Adoption(hosts, names);
    this.agents = new AdoptedAgents(config.keys());
  }

  /**
   * Registers the machine, closed to new agents, if it is not registered yet, and adopts the agent
   * of the original there. One that has a row, known by its secret, keeps it.
   *
   * @param ownerId whose it is to be; not needed for one that has a row
   * @throws ProviderException when the machine or its agent is not as it should be; {@code
   *     no_owner} when one is needed, {@code adopted} when it has an instance already
   */
  public UUID adopt(Hosts.Candidate candidate, Optional<UUID> ownerId) throws InterruptedException {
    Optional<Host> known = hosts.at(candidate);
    if (known.isEmpty() && hosts.known(candidate)) {
      throw new ProviderException(
          "machine_known",
          "A machine of this name, or at this address with another host key, is registered.",
          false,
          null);
    }
    Host host = known.isPresent() ? known.get() : hosts.add(candidate);
    if (known.isEmpty()) {
      // A machine that somebody rented for one agent is not offered to others.
      hosts.close(host, true);
    }
    Adoption.Seen seen = adoption.look(host);
    if (adoption.placed(database.dsl(), host)) {
      throw new ProviderException(
          "adopted", "An agent of this installation is on the machine already.", false, null);
    }
    Optional<Agent> row = agents.withSecret(database.dsl(), seen.settings().secret());
    if (row.isEmpty() && ownerId.isEmpty()) {
      throw new ProviderException(
          "no_owner", "No row of an agent fits this one; say whose it is to be.", false, null);
    }
    UUID agentId = row.map(Agent::id).orElseGet(UUID::randomUUID);
    UUID instanceId = UUID.randomUUID();
    adoption.mark(host, agentId, instanceId);
    database.transaction(sql -> {
      adoption.insert(
          sql, host, seen, agentId, instanceId, row.map(Agent::generation).orElse(0L) + 1);
      if (row.isPresent()) {
        Agent still =
            agents
                .withSecret(sql, seen.settings().secret())
                .filter(agent -> agent.generation() == row.get().generation())
                .orElseThrow(() ->
                    new ProviderException("adopted", "It was adopted meanwhile.", false, null));
        agents.link(sql, still, SshProvider.NAME, instanceId);
      } else {
        agents.insert(
            sql,
            agentId,
            ownerId.orElseThrow(),
            seen.settings().name(),
            seen.settings().systemPrompt(),
            seen.settings().model(),
            seen.settings().secret(),
            SshProvider.NAME,
            instanceId);
      }
      adoption.running(sql, instanceId);
      return true;
    });
    LOG.log(Level.INFO, "agent.adopted agent=" + agentId + " host=" + host.name());
    return agentId;
  }

  /** Queues the update that puts ours in its place; false when it cannot be updated now. */
  public boolean upgrade(UUID agentId) {
    return database.transaction(sql -> AgentUpdates.queue(sql, agentId, Optional.empty()))
        instanceof AgentUpdates.Outcome.Queued;
  }
}
