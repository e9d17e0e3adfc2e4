package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.activity.ActivityStore;
import ai.liberclaw.deploy.agent.AgentUpdates.Outcome.Queued;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.job.DeploymentKind;
import ai.liberclaw.deploy.job.DeploymentStore;
import ai.liberclaw.deploy.model.ModelMenu;
import ai.liberclaw.deploy.progress.ProgressStore;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * What owners do with their agents. Each method is one transaction that has committed when it
 * returns, unless it is given the caller's; whatever takes longer goes on as a deployment. Somebody
 * else's agent looks like none.
 */
public final class Agents {
  private static final int SECRET_BYTES = 32;
  private static final Set<String> REBUILDABLE =
      Set.of("failed", "pending", "running", "deploying");

  private final PlatformDatabase database;
  private final Catalogue catalogue;
  private final Providers providers;
  private final FernetKeys keys;
  private final Quotas quotas;
  private final CreationCaps caps;
  private final ModelMenu menu;

  public Agents(
      PlatformDatabase database,
      Catalogue catalogue,
      Providers providers,
      FernetKeys keys,
      Quotas quotas,
      CreationCaps caps,
      ModelMenu menu) {
    this.database = database;
    this.catalogue = catalogue;
    this.providers = providers;
    this.keys = keys;
    this.quotas = quotas;
    this.caps = caps;
    this.menu = menu;
  }

  /** Newest first, with what they spent in the periods of this moment. */
  public List<ListedAgent> list(UUID ownerId, Instant now) {
    return AgentStore.list(database.dsl(), ownerId, now);
  }

  public Optional<Agent> find(UUID ownerId, UUID id) {
    return AgentStore.find(database.dsl(), ownerId, id);
  }

  /**
   * Accepts a new agent; its deployment follows.
   *
   * @throws Refusal 403 at the owner's limit, 400 for an unknown template, skill or model or a
   *     missing prompt, 503 when agents cannot be deployed here, 429 at a {@link CreationCaps cap}
   */
  public Agent create(UUID ownerId, AgentDraft draft) {
    return database.transaction(sql -> create(sql, ownerId, draft));
  }

  /** As {@link #create(UUID, AgentDraft)}, within the caller's transaction. */
  public Agent create(DSLContext sql, UUID ownerId, AgentDraft draft) {
    String tier =
        AgentStore.lockOwner(sql, ownerId).orElseThrow(() -> new Refusal(401, "User not found"));
    int limit = quotas.agents(tier);
    if (AgentStore.count(sql, ownerId) >= limit) {
      throw new Refusal(403, "Agent limit reached (" + limit + ")");
    }
    AgentSpec spec = AgentSpec.of(draft, catalogue, menu);
    String provider = providers.forTier(tier);
    UUID id = UUID.randomUUID();
    UUID instanceId = UUID.randomUUID();
    InstanceStore.insert(sql, instanceId, id, provider, 1);
    AgentStore.insert(sql, id, ownerId, spec, newSecret(), provider, instanceId, 1);
    DeploymentStore.queue(sql, id, Optional.of(instanceId), 1, DeploymentKind.CREATE);
    caps.take(sql, ownerId);
    Agent agent = AgentStore.find(sql, ownerId, id).orElseThrow();
    ActivityStore.ownEvent(sql, ownerId, id, "agent_created", ActivityStore.named(agent.name()));
    return agent;
  }

  /**
   * Changes settings; a running agent has them after a {@link #redeploy(UUID, UUID)}.
   *
   * @return empty when there is no such agent
   * @throws Refusal 400 for an unknown skill or model
   */
  public Optional<Agent> change(UUID ownerId, UUID id, AgentChanges asked) {
    return database.transaction(sql -> {
      Optional<Agent> agent = AgentStore.lock(sql, ownerId, id);
      if (agent.isEmpty() || asked.given().isEmpty()) {
        return agent;
      }
      asked.model().ifPresent(model -> AgentSpec.checkModel(model, menu));
      AgentChanges changes =
          new AgentChanges(
              asked.name(),
              asked.systemPrompt(),
              asked.model(),
              asked.skills().map(skills -> AgentSpec.known(skills, catalogue)),
              asked.publicName());
      AgentStore.change(sql, id, changes);
      Agent changed = AgentStore.find(sql, ownerId, id).orElseThrow();
      ObjectNode metadata = ActivityStore.named(changed.name());
      ArrayNode names = metadata.putArray("changes");
      changes.given().forEach(names::add);
      ActivityStore.ownEvent(sql, ownerId, id, "agent_updated", metadata);
      return Optional.of(changed);
    });
  }

  /** Deletes the agent's row at once; what it lives in is destroyed by a job that goes on alone. */
  public boolean delete(UUID ownerId, UUID id) {
    return database.transaction(sql -> {
      Optional<Agent> agent = AgentStore.lock(sql, ownerId, id);
      agent.ifPresent(found -> remove(sql, found));
      return agent.isPresent();
    });
  }

  /**
   * Deletes all agents of an owner as {@link #delete} does one, in the transaction of whoever
   * deletes the owner. The caller has locked the owner's row, so that no agent is made meanwhile.
   */
  public int deleteAll(DSLContext sql, UUID ownerId) {
    List<Agent> agents = AgentStore.lockAll(sql, ownerId);
    agents.forEach(agent -> remove(sql, agent));
    return agents.size();
  }

  private static void remove(DSLContext sql, Agent agent) {
    UUID id = agent.id();
    DeploymentStore.cancel(sql, id);
    List<Instance> instances = InstanceStore.holding(sql, id);
    instances.forEach(i -> InstanceStore.moveTo(sql, i.id(), InstanceState.DESTROYING));
    // Without the agent, whose row goes now.
    ActivityStore.publicEvent(
        sql, agent.ownerId(), null, "agent_deleted", ActivityStore.named(agent.name()));
    AgentStore.delete(sql, id);
    if (instances.isEmpty()) {
      DeploymentStore.forget(sql, id);
    } else {
      DeploymentStore.queue(
          sql, id, Optional.empty(), agent.generation() + 1, DeploymentKind.DESTROY);
    }
  }

  /**
   * Brings the agent's present settings to where it lives.
   *
   * @return empty when there is no such agent
   * @throws Refusal 400 when it is neither running nor failed, or was never placed
   */
  public Optional<Agent> redeploy(UUID ownerId, UUID id) {
    return database.transaction(sql -> redeploy(sql, ownerId, id));
  }

  /** As {@link #redeploy(UUID, UUID)}, within the caller's transaction. */
  public Optional<Agent> redeploy(DSLContext sql, UUID ownerId, UUID id) {
    Optional<Agent> found = AgentStore.lock(sql, ownerId, id);
    if (found.isEmpty()) {
      return found;
    }
    if (!(AgentUpdates.queue(sql, found.get(), Optional.empty()) instanceof Queued)) {
      throw new Refusal(400, "Agent is not in a redeployable state");
    }
    return AgentStore.find(sql, ownerId, id);
  }

  /**
   * Destroys where the agent lives, with all its data, and deploys it anew with another secret.
   *
   * @return empty when there is no such agent
   * @throws Refusal 400 when it is stopped, or lives in a machine this installation did not make;
   *     503 when agents cannot be deployed here, 429 at a {@link CreationCaps cap}
   */
  public Optional<Agent> rebuild(UUID ownerId, UUID id) {
    return database.transaction(sql -> rebuild(sql, ownerId, id));
  }

  /** As {@link #rebuild(UUID, UUID)}, within the caller's transaction. */
  public Optional<Agent> rebuild(DSLContext sql, UUID ownerId, UUID id) {
    Optional<Agent> found = AgentStore.lock(sql, ownerId, id);
    if (found.isEmpty()) {
      return found;
    }
    Agent agent = found.get();
    boolean adopted = agent.instanceId().isEmpty() && agent.instanceHash().isPresent();
    if (!REBUILDABLE.contains(agent.status()) || adopted) {
      throw new Refusal(400, "Agent cannot be rebuilt in its current state");
    }
    String provider = agent.provider().orElseGet(providers::first);
    providers.require(provider);
    DeploymentStore.cancel(sql, id);
    for (Instance old : InstanceStore.holding(sql, id)) {
      InstanceStore.moveTo(sql, old.id(), InstanceState.DESTROYING);
    }
    long generation = agent.generation() + 1;
    UUID instanceId = UUID.randomUUID();
    InstanceStore.insert(sql, instanceId, id, provider, generation);
    AgentStore.rebuild(sql, id, newSecret(), provider, instanceId, generation);
    DeploymentStore.queue(sql, id, Optional.of(instanceId), generation, DeploymentKind.REBUILD);
    caps.take(sql, ownerId);
    ActivityStore.publicEvent(sql, ownerId, id, "agent_rebuilt", ActivityStore.named(agent.name()));
    return AgentStore.find(sql, ownerId, id);
  }

  /**
   * How the last deployment went or goes, with the agent as it was at that moment; empty when there
   * is no such agent.
   */
  public Optional<DeploymentStatus> status(UUID ownerId, UUID id) {
    return database.transaction(sql -> {
      sql.execute("set transaction isolation level repeatable read, read only");
      return AgentStore.find(sql, ownerId, id)
          .map(agent ->
              new DeploymentStatus(
                  agent, ProgressStore.last(sql, id), DeploymentStore.activeId(sql, id)));
    });
  }

  /** How to speak to the agent; empty when there is no such agent. */
  public Optional<AgentEndpoint> endpoint(UUID ownerId, UUID id) {
    return AgentStore.contact(database.dsl(), ownerId, id)
        .map(contact -> {
          Optional<Endpoint> placed = contact.placed().filter(_ -> contact.vmUrl().isPresent());
          Optional<URI> base =
              contact.instanceId().isPresent()
                  ? placed.map(Endpoint::origin)
                  : contact.vmUrl().map(URI::create);
          return new AgentEndpoint(
              id,
              ownerId,
              contact.instanceId(),
              contact.name(),
              contact.status(),
              base,
              placed.map(providers::way).orElse(AgentAddress.Way.PUBLIC),
              placed.flatMap(Providers::tunnel),
              contact.encryptedSecret().map(keys::decrypt).orElse(""),
              contact.messagesWait());
        });
  }

  private String newSecret() {
    return keys.encrypt(Secrets.token(SECRET_BYTES));
  }
}
