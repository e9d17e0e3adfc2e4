package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.reconcile.Orphan;
import ai.liberclaw.deploy.reconcile.Reconciler;
import ai.liberclaw.testkit.process.Processes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class ReconcileTest {
  private static final Duration OFTEN = Duration.ofMillis(100);
  private static final Duration SOON = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path root;

  @BeforeEach
  void nothingIsLeft(Platform platform) {
    platform.database().dsl().execute("truncate cluster_tasks, alarms, orphans");
  }

  @Test
  void whatNobodyOwnsIsDestroyedAfterItsQuarantineAndNothingElse(Platform platform)
      throws Exception {
    UUID owner = TestPlane.user(platform.database(), "pro");
    UUID us = InstallationStore.id(platform.database().dsl());
    try (CloudPlane plane = plane(platform, Duration.ofSeconds(3))) {
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id());
      String leaked = UUID.randomUUID().toString();
      plane.cloud.leak(leaked, us);
      plane.cloud.leak("another-installation", UUID.randomUUID());
      TestPlane.await(PATIENCE, () -> plane.orphans.list().size() == 1);
      assertEquals(Orphan.State.QUARANTINED, plane.orphans.list().getFirst().state());
      assertTrue(Files.exists(plane.cloud.machine(leaked)), "left alone at first");
      TestPlane.await(PATIENCE, () -> !Files.exists(plane.cloud.machine(leaked)));
      TestPlane.await(
          PATIENCE, () -> plane.orphans.list().getFirst().state() == Orphan.State.DESTROYED);
      assertEquals(2, plane.cloud.machines().size(), "the agent's and the other installation's");
      assertEquals("running", plane.agents.find(owner, agent.id()).orElseThrow().status());
      assertEquals(1, plane.orphans.list().size(), "what is owned or not ours is not listed");
    }
  }

  @Test
  void manyAtOnceWaitForTheOperator(Platform platform) throws Exception {
    UUID us = InstallationStore.id(platform.database().dsl());
    Cloud before = new Cloud(root, us);
    for (String name : List.of("orphan-1", "orphan-2", "orphan-3", "orphan-4")) {
      before.leak(name, us);
    }
    try (CloudPlane plane = plane(platform, SOON)) {
      TestPlane.await(PATIENCE, () -> plane.alarm("orphans-aleph").isPresent());
      assertEquals(4, plane.cloud.machines().size(), "none is destroyed unasked");
      assertTrue(plane.orphans.list().stream().allMatch(o -> o.state() == Orphan.State.HELD));
      assertTrue(plane.orphans.destroy("aleph", "orphan-1"));
      assertTrue(plane.orphans.keep("aleph", "orphan-2"));
      assertFalse(plane.orphans.keep("aleph", "orphan-9"));
      TestPlane.await(PATIENCE, () -> !Files.exists(plane.cloud.machine("orphan-1")));
      assertEquals(List.of("orphan-2", "orphan-3", "orphan-4"), plane.cloud.machines());
      plane.orphans.destroy("aleph", "orphan-3");
      plane.orphans.destroy("aleph", "orphan-4");
      TestPlane.await(PATIENCE, () -> plane.alarm("orphans-aleph").isEmpty());
      TestPlane.await(PATIENCE, () -> !Files.exists(plane.cloud.machine("orphan-4")));
      assertEquals(List.of("orphan-2"), plane.cloud.machines());
    }
  }

  @Test
  void anOrphanThatGetsAnOwnerIsLeftAlone(Platform platform) throws Exception {
    UUID us = InstallationStore.id(platform.database().dsl());
    UUID instance = UUID.randomUUID();
    try (CloudPlane plane = plane(platform, Duration.ofSeconds(2))) {
      plane.cloud.leak(instance.toString(), us);
      TestPlane.await(PATIENCE, () -> plane.orphans.list().size() == 1);
      // As a restored row: of an agent whose job is still at work.
      UUID agent = UUID.randomUUID();
      platform
          .database()
          .dsl()
          .execute(
              "insert into deployments (id, agent_id, generation, kind, not_before) values"
                  + " ({0}, {1}, 1, 'destroy', now() + interval '1 hour')",
              DSL.val(UUID.randomUUID()), DSL.val(agent));
      platform
          .database()
          .dsl()
          .execute(
              "insert into instances (id, agent_id, provider, state) values ({0}, {1}, 'aleph',"
                  + " 'stopped')",
              DSL.val(instance), DSL.val(agent));
      TestPlane.await(PATIENCE, () -> plane.orphans.list().isEmpty());
      assertTrue(Files.exists(plane.cloud.machine(instance.toString())));
    }
  }

  @Test
  void anAgentWhoseMachineIsGoneIsDegradedAndItsOwnerTold(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (CloudPlane plane = plane(platform, SOON)) {
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id());
      String machine =
          plane.agents.find(owner, agent.id()).orElseThrow().instanceId().orElseThrow().toString();
      Path gone = root.resolve("gone");
      Files.move(plane.cloud.machine(machine), gone);
      TestPlane.await(PATIENCE, () -> state(platform, machine).equals("degraded"));
      assertEquals("running", plane.agents.find(owner, agent.id()).orElseThrow().status());
      assertEquals(1, told(platform, agent.id(), "agent_degraded"));
      Files.move(gone, plane.cloud.machine(machine));
      TestPlane.await(PATIENCE, () -> state(platform, machine).equals("running"));
      assertEquals(1, told(platform, agent.id(), "agent_recovered"));
      assertEquals(
          2,
          platform
              .database()
              .dsl()
              .fetchOne(
                  "select count(*) from pending_outbox where agent_id = {0} and chat_id = {1}",
                  DSL.val(agent.id()), DSL.val(owner.toString()))
              .get(0, Integer.class),
          "two messages where the agent's own come");
    }
  }

  @Test
  void machinesOfAgentsThatAreGoneWithoutAJobAreDestroyed(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (CloudPlane plane = plane(platform, SOON)) {
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id());
      platform.database().dsl().execute("delete from agents");
      TestPlane.await(PATIENCE, () -> plane.instances() == 0);
      assertEquals(List.of(), plane.cloud.machines());
    }
  }

  @Test
  void aMachineOnWhichItsAgentNeverRanIsGivenBack(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (CloudPlane plane = plane(platform, SOON)) {
      plane.cloud.mute = true;
      Agent agent = plane.create(owner);
      TestPlane.await(
          PATIENCE,
          () -> plane.agents.find(owner, agent.id()).orElseThrow().status().equals("failed"));
      TestPlane.await(PATIENCE, () -> plane.instances() == 0);
      assertEquals(List.of(), plane.cloud.machines());
      Agent failed = plane.agents.find(owner, agent.id()).orElseThrow();
      assertEquals("failed", failed.status(), "its owner still sees that it failed");
      assertTrue(failed.instanceId().isEmpty());
      plane.cloud.mute = false;
      assertTrue(plane.agents.rebuild(owner, agent.id()).isPresent());
      plane.awaitRunning(owner, agent.id());
    }
  }

  @Test
  void aChildProcessNobodyOwnsIsEndedAndItsDirectoryWiped(
      Platform platform, @TempDir Path data, @TempDir Path releases) throws Exception {
    AtomicReference<Provider> process = new AtomicReference<>();
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (TestPlane plane =
        new TestPlane(
            platform.database(),
            data,
            StandInAgent.release(releases),
            recipe -> recipe,
            provider -> {
              process.set(provider);
              return provider;
            },
            Clock.systemUTC())) {
      UUID kept = plane.agents.create(owner, TestPlane.draft("Kept")).id();
      UUID lost = plane.agents.create(owner, TestPlane.draft("Lost")).id();
      plane.awaitStatus(owner, kept, "running");
      plane.awaitStatus(owner, lost, "running");
      for (String table : List.of("agents where id", "instances where agent_id")) {
        platform.database().dsl().execute("delete from " + table + " = {0}", DSL.val(lost));
      }
      assertEquals(1, Processes.mentioning(plane.directory(lost).toString()).size());
      try (ClusterTasks tasks = new ClusterTasks(platform.database().dsl(), Clock.systemUTC())) {
        new Reconciler(
                platform.database(),
                CloudPlane.reconcile(OFTEN, Duration.ofMillis(1)),
                List.of(process.get()),
                new Alarms(platform.database().dsl()),
                Clock.systemUTC())
            .addTo(tasks);
        TestPlane.await(PATIENCE, () -> !Files.exists(plane.directory(lost)));
      }
      assertEquals(List.of(), Processes.mentioning(plane.directory(lost).toString()));
      assertEquals(1, Processes.mentioning(plane.directory(kept).toString()).size());
    }
  }

  private CloudPlane plane(Platform platform, Duration quarantine) {
    return new CloudPlane(
        platform.database(), root, CloudPlane.noPool(), CloudPlane.reconcile(OFTEN, quarantine));
  }

  private static String state(Platform platform, String instance) {
    return platform
        .database()
        .dsl()
        .fetchOne("select state from instances where id = {0}", DSL.val(UUID.fromString(instance)))
        .get(0, String.class);
  }

  private static int told(Platform platform, UUID agent, String event) {
    return platform
        .database()
        .dsl()
        .fetchOne(
            "select count(*) from activity_events where agent_id = {0} and event_type = {1}",
            DSL.val(agent), DSL.val(event))
        .get(0, Integer.class);
  }
}
