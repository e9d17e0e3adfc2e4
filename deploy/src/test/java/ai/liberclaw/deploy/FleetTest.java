package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.AgentUpdates;
import ai.liberclaw.deploy.fleet.Fleet;
import ai.liberclaw.deploy.fleet.FleetException;
import ai.liberclaw.deploy.fleet.FleetGroup;
import ai.liberclaw.deploy.fleet.HealthGate;
import ai.liberclaw.deploy.fleet.Rollout;
import ai.liberclaw.deploy.fleet.RolloutAgent;
import ai.liberclaw.deploy.fleet.RolloutOrder;
import ai.liberclaw.deploy.fleet.RolloutRunner;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.provider.process.AgentRelease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class FleetTest {
  private static final RolloutRunner.Times TIMES =
      new RolloutRunner.Times(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(500));

  @TempDir Path data;
  @TempDir Path releases;
  private final List<RolloutRunner> runners = new ArrayList<>();
  private final List<UUID> agents = new ArrayList<>();
  TestPlane plane;
  UUID owner;
  Fleet fleet;
  String first;

  @BeforeEach
  void start(Platform platform) {
    platform.database().dsl().execute("truncate rollouts, releases cascade");
    plane =
        new TestPlane(
            platform.database(),
            data,
            StandInAgent.release(releases),
            recipe -> recipe,
            provider -> provider,
            Clock.systemUTC(),
            // A broken release is tried twice: often enough here.
            new DeploymentWorker.Settings(
                4,
                Duration.ofSeconds(2),
                Duration.ofMillis(100),
                2,
                new Backoff(Duration.ofMillis(50), Duration.ofMillis(100), 0.1)));
    owner = TestPlane.user(platform.database(), "pro");
    for (int i = 0; i < 4; i++) {
      agents.add(plane.agents.create(owner, TestPlane.draft("Agent " + i)).id());
    }
    agents.forEach(agent -> plane.awaitStatus(owner, agent, "running"));
    // As rollouts take them.
    agents.sort(Comparator.comparing(UUID::toString));
    fleet = new Fleet(platform.database(), _ -> Optional.of(current()));
    first = current();
  }

  @AfterEach
  void stop() {
    runners.forEach(RolloutRunner::close);
    plane.close();
  }

  @Test
  void aReleaseComesInWavesOfWhichTheFirstIsOneAgent() {
    StandInAgent.release(releases, "second");
    assertEquals(List.of(group(first, false)), fleet.status().groups());
    assertEquals(4, fleet.update(order(2, 0)));
    assertThrows(FleetException.class, () -> fleet.update(order(2, 0)));
    runner(_ -> true);
    awaitEnd(Rollout.Status.SUCCEEDED);

    assertEquals(
        List.of(0, 1, 1, 2), fleet.status().members().stream().map(RolloutAgent::wave).toList());
    assertEquals(List.of(group(current(), true)), fleet.status().groups());
    assertTrue(ended(0).isBefore(began(1)) && ended(1).isBefore(began(3)));
    assertThrows(FleetException.class, () -> fleet.update(order(2, 0)));

    // What was well in the eyes of machines may not be in people's.
    fleet.rollback();
    awaitEnd(Rollout.Status.ROLLED_BACK);
    assertEquals(List.of(group(first, false)), fleet.status().groups());
    assertThrows(FleetException.class, fleet::rollback);
  }

  /** What all agents run at the end is what new ones get. */
  @Test
  void aRolloutThatEndsDecidesWhatNewAgentsGet() {
    String _ = bundle("0", true);
    String all = bundle("1", false);
    plane
        .database
        .dsl()
        .execute(
            "update instances set provider = 'ssh', release = {0} where agent_id = {1}",
            DSL.val(all), DSL.val(agents.getLast()));
    StandInAgent.release(releases, "second");
    assertEquals(3, fleet.update(processes()));
    runner(_ -> true);
    awaitEnd(Rollout.Status.SUCCEEDED);
    assertEquals(List.of(all), currentBundles());
  }

  private static RolloutOrder processes() {
    return new RolloutOrder(
        Optional.empty(), Optional.of("process"), Set.of(), 4, 0, Duration.ZERO);
  }

  /** A row alone. */
  private String bundle(String digit, boolean current) {
    String id = digit.repeat(32);
    plane.database.dsl().execute("update releases set current = false");
    plane
        .database
        .dsl()
        .execute(
            "insert into releases (id, version, platform, archive_sha256, archive_bytes, manifest,"
                + " signed_by, current) values ({0}, '1', 'linux-x86_64', {1}, 1, '{}', 'x', {2})",
            DSL.val(id), DSL.val(digit.repeat(64)), DSL.val(current));
    return id;
  }

  private List<String> currentBundles() {
    return plane
        .database
        .dsl()
        .fetch("select id from releases where current")
        .getValues(0, String.class);
  }

  @Test
  void aBrokenReleaseReachesOneAgentAlone() {
    StandInAgent.release(releases, "broken");
    fleet.update(order(3, 0));
    runner(_ -> true);
    awaitEnd(Rollout.Status.ROLLED_BACK);

    assertEquals(
        List.of("failed", "skipped", "skipped", "skipped"),
        fleet.status().members().stream().map(agent -> agent.status().key()).toList());
    assertEquals(List.of(group(first, false)), fleet.status().groups());
    agents
        .subList(1, 4)
        .forEach(agent -> assertEquals(1, StandInAgent.starts(plane.directory(agent)).size()));
    String reason = fleet.status().rollout().flatMap(Rollout::reason).orElseThrow();
    assertTrue(reason.startsWith("1 of the agents failed, more than 0"), reason);
    assertEquals(1, alarms());
  }

  @Test
  void agentsThatDoNotStayWellTakeTheWholeRolloutBack() {
    StandInAgent.release(releases, "second");
    fleet.update(order(3, 1));
    AtomicInteger asked = new AtomicInteger();
    // The first wave is well; of the second two are not.
    runner(_ -> asked.incrementAndGet() < 3);
    awaitEnd(Rollout.Status.ROLLED_BACK);

    assertEquals(
        List.of("returned", "returned", "returned", "returned"),
        fleet.status().members().stream().map(agent -> agent.status().key()).toList());
    assertEquals(List.of(group(first, false)), fleet.status().groups());
  }

  @Test
  void aRolloutGoesOnWhereItsServerDied() {
    StandInAgent.release(releases, "second");
    fleet.update(order(2, 0));
    AtomicInteger asked = new AtomicInteger();
    // Its thread ends there, without a word to anybody.
    runner(_ -> {
      if (asked.incrementAndGet() == 2) {
        throw new AssertionError("this server dies");
      }
      return true;
    });
    TestPlane.await(Duration.ofSeconds(30), () -> asked.get() == 2);
    runner(_ -> true);
    runner(_ -> true);
    awaitEnd(Rollout.Status.SUCCEEDED);
    assertEquals(List.of(group(current(), true)), fleet.status().groups());
    agents.forEach(agent -> assertEquals(2, StandInAgent.starts(plane.directory(agent)).size()));
  }

  @Test
  void agentsThatTheirOwnersUpdateOrDeleteAreLeftAlone() {
    StandInAgent.release(releases, "second");
    fleet.update(order(4, 0));
    plane.database.transaction(sql -> AgentUpdates.queue(sql, agents.get(1), Optional.empty()));
    plane.awaitStatus(owner, agents.get(1), "running");
    plane.agents.delete(owner, agents.get(2));
    runner(_ -> true);
    awaitEnd(Rollout.Status.SUCCEEDED);
    assertEquals(
        List.of("updated", "skipped", "skipped", "updated"),
        fleet.status().members().stream().map(agent -> agent.status().key()).toList());
  }

  private void runner(HealthGate gate) {
    runners.add(new RolloutRunner(plane.database, gate, TIMES).start());
  }

  private void awaitEnd(Rollout.Status status) {
    TestPlane.await(
        Duration.ofSeconds(60),
        () -> fleet.status().rollout().filter(r -> !r.status().active()).isPresent());
    assertEquals(status, fleet.status().rollout().orElseThrow().status());
    agents.forEach(agent -> {
      if (!plane.status(owner, agent).equals("gone")) {
        plane.awaitStatus(owner, agent, "running");
      }
    });
  }

  private static FleetGroup group(String release, boolean current) {
    return new FleetGroup(Optional.of("process"), Optional.of(release), "running", 4, current);
  }

  private static RolloutOrder order(int wave, int failures) {
    return new RolloutOrder(
        Optional.empty(), Optional.empty(), Set.of(), wave, failures, Duration.ZERO);
  }

  private String current() {
    try {
      return new AgentRelease(releases).id();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Instant began(int index) {
    return time("min(started_at)", index);
  }

  private Instant ended(int index) {
    return time("max(ended_at)", index);
  }

  /** Of the agent's update. */
  private Instant time(String column, int index) {
    return plane
        .database
        .dsl()
        .fetchOne(
            "select " + column + " from deployments where kind = 'update' and agent_id = {0}",
            DSL.val(agents.get(index)))
        .get(0, Instant.class);
  }

  private int alarms() {
    return plane
        .database
        .dsl()
        .fetchCount(DSL.table("alarms"), DSL.condition("name = 'fleet_rollout'"));
  }
}
