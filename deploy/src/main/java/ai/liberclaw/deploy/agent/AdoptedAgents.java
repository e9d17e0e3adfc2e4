package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.InvalidTokenException;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.deploy.activity.ActivityStore;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Rows of agents of the original that come into this installation's care. */
public final class AdoptedAgents {
  private static final int NAME_LENGTH_MAX = 100;

  private final FernetKeys keys;

  public AdoptedAgents(FernetKeys keys) {
    this.keys = keys;
  }

  /** The agent whose callers present this secret, if it has a row but no instance. */
  public Optional<Agent> withSecret(DSLContext sql, String secret) {
    for (AgentStore.SealedSecret sealed : AgentStore.withoutInstance(sql)) {
      try {
        if (Secrets.constantTimeEquals(keys.decrypt(sealed.secret()), secret)) {
          return AgentStore.lock(sql, sealed.agentId());
        }
      } catch (InvalidTokenException _) {
        // Under a key that nobody has: not one we could speak to.
      }
    }
    return Optional.empty();
  }

  /**
   * A row for an agent that has none.
   *
   * @param name shortened, and without what a name cannot hold
   * @throws Refusal 404 when there is no such owner
   */
  public Agent insert(
      DSLContext sql,
      UUID agentId,
      UUID ownerId,
      String name,
      String systemPrompt,
      String model,
      String secret,
      String provider,
      UUID instanceId) {
    if (AgentStore.lockOwner(sql, ownerId).isEmpty()) {
      throw new Refusal(404, "There is no such user");
    }
    AgentSpec spec = new AgentSpec(plain(name), systemPrompt, model, List.of());
    AgentStore.insert(sql, agentId, ownerId, spec, keys.encrypt(secret), provider, instanceId, 1);
    Agent agent = AgentStore.find(sql, ownerId, agentId).orElseThrow();
    ActivityStore.ownEvent(
        sql, ownerId, agentId, "agent_created", ActivityStore.named(agent.name()));
    return agent;
  }

  /** Gives an agent that has a row an instance, of its next generation. */
  public void link(DSLContext sql, Agent agent, String provider, UUID instanceId) {
    AgentStore.link(sql, agent.id(), provider, instanceId, agent.generation() + 1);
  }

  private static String plain(String name) {
    StringBuilder plain = new StringBuilder();
    name.codePoints()
        .filter(c -> !Character.isISOControl(c))
        .limit(NAME_LENGTH_MAX)
        .forEach(plain::appendCodePoint);
    return plain.isEmpty() ? "Agent" : plain.toString();
  }
}
