package ai.liberclaw.deploy;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.job.DeploymentKind;
import ai.liberclaw.deploy.job.Recipe;
import ai.liberclaw.deploy.job.Run;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * A server of its own process that creates an agent and dies, as by kill -9, where it is told:
 * {@code after-<step>}, {@code spawned} (the agent's process is there, its record is not) or {@code
 * succeeding}; told anything else it lives until it is killed.
 */
public final class CrashingServer {
  private CrashingServer() {}

  /** Arguments: database URL, data directory, release, owner, where to die. */
  public static void main(String[] args) {
    PlatformDatabase database =
        PlatformDatabase.open(new PlatformDatabase.Settings(args[0], 4, Duration.ofSeconds(10)));
    String place = args[4];
    TestPlane plane =
        new TestPlane(
            database,
            Path.of(args[1]),
            Path.of(args[2]),
            recipe -> new DyingRecipe(recipe, place),
            provider -> new DyingProvider(provider, place),
            Clock.systemUTC());
    UUID agent = plane.agents.create(UUID.fromString(args[3]), TestPlane.draft("Ada")).id();
    System.out.println("agent=" + agent);
    TestPlane.await(Duration.ofMinutes(1), () -> false);
  }

  private static void die() {
    Runtime.getRuntime().halt(9);
  }

  private record DyingRecipe(Recipe real, String place) implements Recipe {
    @Override
    public Set<StepKey> idle(Run run) {
      return real.idle(run);
    }

    @Override
    public Duration limit(Run run, StepKey step) {
      return real.limit(run, step);
    }

    @Override
    public Duration destroyLimit() {
      return real.destroyLimit();
    }

    @Override
    public void entering(DSLContext sql, Run run, StepKey step) {
      real.entering(sql, run, step);
    }

    @Override
    public String announcement(DeploymentKind kind, StepKey step) {
      return real.announcement(kind, step);
    }

    @Override
    public String step(Run run, StepKey step) throws InterruptedException {
      String detail = real.step(run, step);
      if (place.equals("after-" + step.key())) {
        die();
      }
      return detail;
    }

    @Override
    public void destroy(Run run) throws InterruptedException {
      real.destroy(run);
    }

    @Override
    public void abandon(Run run) throws InterruptedException {
      real.abandon(run);
    }

    @Override
    public void succeeded(DSLContext sql, Run run) {
      if (place.equals("succeeding")) {
        die();
      }
      real.succeeded(sql, run);
    }

    @Override
    public void failed(DSLContext sql, Run run, StepKey step, String code, String message) {
      real.failed(sql, run, step, code, message);
    }
  }

  private record DyingProvider(Provider real, String place) implements Provider {
    @Override
    public String name() {
      return real.name();
    }

    @Override
    public Optional<String> missing() {
      return real.missing();
    }

    @Override
    public Set<StepKey> idleSteps() {
      return real.idleSteps();
    }

    @Override
    public void provision(Order order) throws InterruptedException {
      real.provision(order);
    }

    @Override
    public void configure(Order order) throws InterruptedException {
      real.configure(order);
    }

    @Override
    public void start(Order order) throws InterruptedException {
      real.start(new DyingOrder(order, place));
    }

    @Override
    public boolean started(ObjectNode handle) {
      return real.started(handle);
    }

    @Override
    public Optional<Endpoint> endpoint(ObjectNode handle) {
      return real.endpoint(handle);
    }

    @Override
    public Health health(ObjectNode handle) throws InterruptedException {
      return real.health(handle);
    }

    @Override
    public void stop(Order order) throws InterruptedException {
      real.stop(order);
    }

    @Override
    public void destroy(Order order) throws InterruptedException {
      real.destroy(order);
    }
  }

  private record DyingOrder(Order real, String place) implements Order {
    @Override
    public UUID agentId() {
      return real.agentId();
    }

    @Override
    public UUID instanceId() {
      return real.instanceId();
    }

    @Override
    public AgentSettings settings() {
      return real.settings();
    }

    @Override
    public Optional<String> release() {
      return real.release();
    }

    @Override
    public ObjectNode handle() {
      return real.handle();
    }

    @Override
    public void check() {
      real.check();
    }

    @Override
    public void record(ObjectNode handle) {
      if (place.equals("spawned") && handle.has("pid")) {
        die();
      }
      real.record(handle);
    }
  }
}
