package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.TimeLimit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** What agents' servers wrote last, for the owners of the agents; known secrets are taken out. */
public final class AgentLogs {
  private static final Logger LOG = System.getLogger(AgentLogs.class.getName());
  private static final Duration READ_TIME_MAX = Duration.ofSeconds(15);

  /** Logs that one server reads at a time: each is a command on a machine. */
  private static final int READS_MAX = 16;

  private static final Duration TURN_TIME_MAX = Duration.ofSeconds(2);

  private final PlatformDatabase database;
  private final Providers providers;
  private final FernetKeys keys;
  private final AgentTokens tokens;
  private final Mask mask;
  private final Semaphore reads = new Semaphore(READS_MAX);

  /**
   * @param mask knows the secrets of this server
   */
  public AgentLogs(PlatformDatabase database, Providers providers, FernetKeys keys, Mask mask) {
    this.database = database;
    this.providers = providers;
    this.keys = keys;
    this.tokens = new AgentTokens(keys);
    this.mask = mask;
  }

  /**
   * The newest lines, oldest first; none before the agent's first start.
   *
   * @return empty when there is no such agent
   * @throws Refusal 400 for an agent of the original, 503 when the log cannot be read now
   */
  public Optional<List<String>> last(UUID ownerId, UUID id, int lines) throws InterruptedException {
    Optional<Agent> agent = AgentStore.find(database.dsl(), ownerId, id);
    if (agent.isEmpty()) {
      return Optional.empty();
    }
    Instance instance =
        agent
            .get()
            .instanceId()
            .flatMap(at -> InstanceStore.find(database.dsl(), at))
            .orElseThrow(() -> new Refusal(400, "This agent's log cannot be read from here"));
    if (!reads.tryAcquire(TURN_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new Refusal(503, "Too many logs are being read (" + READS_MAX + "), try again");
    }
    try {
      Provider provider = providers.get(instance.provider());
      List<String> written =
          TimeLimit.ask(READ_TIME_MAX, "logs-" + id, () -> provider.logs(instance, lines));
      Mask own = secrets(agent.get());
      return Optional.of(written.stream().map(mask::mask).map(own::mask).toList());
    } catch (ProviderException e) {
      if (e.code().equals("not_provisioned")) {
        return Optional.of(List.of());
      }
      LOG.log(Level.WARNING, "agent.log_unread agent=" + id + " code=" + e.code(), e);
      throw new Refusal(503, e.text());
    } finally {
      reads.release();
    }
  }

  private Mask secrets(Agent agent) {
    Mask own = new Mask();
    AgentStore.encryptedSecret(database.dsl(), agent.ownerId(), agent.id())
        .map(keys::decrypt)
        .ifPresent(own::register);
    own.register(tokens.mint(new AgentToken(agent.id(), agent.ownerId(), agent.generation())));
    return own;
  }
}
