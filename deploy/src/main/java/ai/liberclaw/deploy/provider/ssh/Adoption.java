package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.deploy.adopt.Original;
import ai.liberclaw.deploy.adopt.OriginalAgent;
import ai.liberclaw.deploy.adopt.OriginalSettings;
import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Makes instances of agents of the original, on registered machines. */
public final class Adoption {
  private static final Duration PROBE_TIME_MAX = Duration.ofSeconds(5);

  private final Hosts hosts;
  private final AgentNames names;

  /**
   * An agent of the original as it was found.
   *
   * @param name under which it answers on the internet
   */
  public record Seen(Original original, OriginalSettings settings, Optional<String> name) {}

  public Adoption(Hosts hosts, AgentNames names) {
    this.hosts = hosts;
    this.names = names;
  }

  /**
   * Looks for one on a machine; changes nothing.
   *
   * @throws ProviderException {@code no_original} when there is none, {@code no_answer} when it
   *     does not answer there
   */
  public Seen look(Host host) throws InterruptedException {
    OriginalAgent there = hosts.original(host);
    Original found =
        there
            .look()
            .orElseThrow(() ->
                new ProviderException(
                    "no_original", "There is no agent of the original there.", false, null));
    Place place = new Place(new UUID(0, 0), new UUID(0, 0), found.port());
    if (!hosts.on(host).health(place, PROBE_TIME_MAX).answers()) {
      throw new ProviderException(
          "no_answer", "The agent of the original there does not answer.", true, null);
    }
    Optional<String> name = Optional.empty();
    if (found.site().isPresent() && names.answers(found.site().get())) {
      name = found.site();
    }
    return new Seen(found, there.settings(), name);
  }

  /** Notes on the machine whose it is from now on; before its rows are made. */
  public void mark(Host host, UUID agentId, UUID instanceId) throws InterruptedException {
    hosts.original(host).mark(agentId, instanceId);
  }

  /** Whether the machine's agent of the original has an instance already. */
  public boolean placed(DSLContext sql, Host host) {
    return HostStore.agents(sql, host.id()) > 0;
  }

  /** Makes the instance's row; then the agent's can name it. */
  public void insert(
      DSLContext sql, Host host, Seen seen, UUID agentId, UUID instanceId, long generation) {
    ObjectNode handle = Adopted.handle(host, agentId, instanceId, seen.original());
    seen.name().ifPresent(name -> AgentNames.foreign(handle, name));
    InstanceStore.insert(sql, instanceId, agentId, SshProvider.NAME, generation);
    HostStore.put(sql, instanceId, host.id());
    InstanceStore.record(sql, instanceId, handle, Optional.of(Placed.endpoint(handle)));
    InstanceStore.seen(sql, instanceId, Optional.of(Adopted.boot(seen.original())));
  }

  /** The agent's row names the instance: it runs, and shows where. */
  public void running(DSLContext sql, UUID instanceId) {
    InstanceStore.moveTo(sql, instanceId, InstanceState.RUNNING);
    InstanceStore.find(sql, instanceId)
        .ifPresent(made -> InstanceStore.publish(sql, instanceId, made.endpoint()));
  }
}
