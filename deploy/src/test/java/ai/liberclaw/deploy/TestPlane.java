package ai.liberclaw.deploy;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentDraft;
import ai.liberclaw.deploy.agent.AgentLogs;
import ai.liberclaw.deploy.agent.AgentRecipe;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.agent.Quotas;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.catalogue.Skill;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.inference.Gateway;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.job.Recipe;
import ai.liberclaw.deploy.model.ModelMenu;
import ai.liberclaw.deploy.model.OfferedModel;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.process.AgentRelease;
import ai.liberclaw.deploy.provider.process.ProcessProvider;
import ai.liberclaw.deploy.provider.process.Supervisor;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A control plane with short leases, on a stand-in release. */
public final class TestPlane implements AutoCloseable {
  /** Nothing listens there: stand-ins call no model. */
  private static final ModelMenu MENU =
      new ModelMenu(
          List.of(
              new OfferedModel(
                  "qwen3-coder-next",
                  "qwen3-coder-next",
                  Optional.empty(),
                  false,
                  0,
                  OfferedModel.ANSWER_TOKENS_DEFAULT,
                  false,
                  true)),
          "glm-4.7");

  static final URI GATEWAY = URI.create("http://127.0.0.1:9");

  static final FernetKeys KEYS =
      FernetKeys.parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false);

  static final CreationCaps CAPS =
      new CreationCaps(new CreationCaps.Limits(20, 1000, 1000), Clock.systemUTC());

  static final DeploymentWorker.Settings WORKER =
      new DeploymentWorker.Settings(
          4,
          Duration.ofSeconds(2),
          Duration.ofMillis(200),
          6,
          new Backoff(Duration.ofMillis(100), Duration.ofMillis(500), 0.1));

  public final Agents agents;
  public final PlatformDatabase database;
  private final Path dataDir;
  private final Notifications notifications;
  private final BiFunction<PlatformDatabase, Providers, Agents> plane;
  private final Providers all;
  private final DeploymentWorker worker;
  private final Supervisor supervisor;

  public TestPlane(PlatformDatabase database, Path dataDir, Path release) {
    this(database, dataDir, release, recipe -> recipe, provider -> provider, Clock.systemUTC());
  }

  public TestPlane(
      PlatformDatabase database,
      Path dataDir,
      Path release,
      UnaryOperator<Recipe> recipes,
      UnaryOperator<Provider> providers,
      Clock clock) {
    this(database, dataDir, release, recipes, providers, clock, WORKER);
  }

  public TestPlane(
      PlatformDatabase database,
      Path dataDir,
      Path release,
      UnaryOperator<Recipe> recipes,
      UnaryOperator<Provider> providers,
      Clock clock,
      DeploymentWorker.Settings settings) {
    this.database = database;
    this.dataDir = dataDir;
    Catalogue catalogue = Catalogue.load();
    ProcessProvider process =
        new ProcessProvider(
            new ProcessProvider.Settings(
                dataDir,
                InstallationStore.id(database.dsl()),
                new AgentRelease(release),
                new ModelAccess(
                    Map.of("INFERENCE_RETRIES", "1"),
                    new Gateway.At(GATEWAY),
                    new AgentTokens(KEYS)),
                id -> catalogue.skill(id).map(Skill::content),
                Map.of("PATH", "/usr/bin:/bin", "LIBERCLAW_JWT_SECRET", "not for children")));
    all =
        new Providers(
            List.of("process"),
            Map.of(),
            Map.of("process", providers.apply(process)),
            process.machineId());
    notifications = new Notifications(database);
    plane =
        (pool, ways) -> new Agents(pool, catalogue, ways, KEYS, new Quotas(1, 3, 20), CAPS, MENU);
    agents = plane.apply(database, all);
    worker =
        new DeploymentWorker(
                database,
                notifications,
                recipes.apply(new AgentRecipe(database, all, KEYS)),
                new Mask(),
                settings)
            .start();
    notifications.start();
    supervisor = new Supervisor(database, process, clock).start();
  }

  /** As another server on the same database would have them. */
  Agents agentsOver(PlatformDatabase pool) {
    return plane.apply(pool, all);
  }

  /** As a server with other providers would have them. */
  Agents agentsWith(Providers others) {
    return plane.apply(database, others);
  }

  AgentLogs logs(Mask mask) {
    return new AgentLogs(database, all, KEYS, mask);
  }

  /** A user of this tier. */
  public static UUID user(PlatformDatabase database, String tier) {
    UUID id = UUID.randomUUID();
    database
        .dsl()
        .execute(
            "insert into users (id, tier) values ({0}, {1})",
            org.jooq.impl.DSL.val(id), org.jooq.impl.DSL.val(tier));
    return id;
  }

  public static AgentDraft draft(String name) {
    return new AgentDraft(
        name,
        Optional.of("Line one\nLine \"two\" # $HOME"),
        Optional.empty(),
        Optional.empty(),
        Optional.of(List.of("git", "sql")));
  }

  public Path directory(UUID agentId) {
    return dataDir.resolve("agents").resolve(agentId.toString());
  }

  public String status(UUID owner, UUID agent) {
    return agents.find(owner, agent).map(Agent::status).orElse("gone");
  }

  public void awaitStatus(UUID owner, UUID agent, String status) {
    await(Duration.ofSeconds(30), () -> status(owner, agent).equals(status));
  }

  public static void await(Duration limit, BooleanSupplier fact) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!fact.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + limit);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Rows of agents' lives that are left. */
  public int rows() {
    return database
        .dsl()
        .fetchOne(
            "select (select count(*) from instances) + (select count(*) from deployments)"
                + " + (select count(*) from agents)")
        .get(0, Integer.class);
  }

  /** Takes no more jobs; agents are looked after as before. */
  void closeWorker() {
    worker.close();
  }

  @Override
  public void close() {
    worker.close();
    supervisor.close();
    notifications.close();
  }
}
