package ai.liberclaw.deploy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.StandInAgent;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.progress.LogLevel;
import ai.liberclaw.deploy.progress.Progress;
import ai.liberclaw.deploy.progress.ProgressStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How many jobs run, where they are kept, and what their logs hold. */
@ExtendWith(PlatformExtension.class)
class JobRunnerTest {
  @TempDir Path data;
  @TempDir Path releases;

  @Test
  void d3AtMostSoManyJobsRunAtATimeAndOthersWaitAsRows(Platform platform) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (TestPlane plane =
        new TestPlane(
            platform.database(),
            data,
            StandInAgent.release(releases),
            recipe -> waiting(recipe, gate),
            provider -> provider,
            Clock.systemUTC())) {
      List<UUID> agents = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        agents.add(plane.agents.create(owner, TestPlane.draft("Agent " + i)).id());
      }
      TestPlane.await(Duration.ofSeconds(15), () -> count(platform, "running") == 4);
      assertEquals(2, count(platform, "queued"));
      // One that waits is cancelled without having run, one that runs is interrupted.
      assertTrue(plane.agents.delete(owner, agents.getLast()));
      assertTrue(plane.agents.delete(owner, agents.getFirst()));
      assertEquals(4, platform.database().dsl().fetch("select 1 from agents").size());
      // The place that is free now goes to the one that waited longest.
      TestPlane.await(
          Duration.ofSeconds(15),
          () -> count(platform, "queued") == 0 && count(platform, "running") == 4);
      gate.countDown();
      TestPlane.await(Duration.ofSeconds(15), () -> count(platform, "cancelled") == 0);
      // A job that is interrupted while it starts its process leaves that to the next server.
      TestPlane.await(Duration.ofSeconds(30), () -> count(platform, "running") == 0);
    }
  }

  @Test
  void c14AJobWhoseServerDiedBeforeItBeganIsTakenByAnother(Platform platform) {
    UUID owner = TestPlane.user(platform.database(), "free");
    UUID agent;
    CountDownLatch never = new CountDownLatch(1);
    try (TestPlane plane =
        new TestPlane(
            platform.database(),
            data,
            StandInAgent.release(releases),
            recipe -> waiting(recipe, never),
            provider -> provider,
            Clock.systemUTC())) {
      agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    }
    assertEquals(1, count(platform, "queued"));
    try (TestPlane plane = new TestPlane(platform.database(), data, releases)) {
      plane.awaitStatus(owner, agent, "running");
    }
  }

  @Test
  void c15ALogIsBoundedAndHoldsNoSecret(Platform platform) {
    UUID agent = UUID.randomUUID();
    var sql = platform.database().dsl();
    UUID job = DeploymentStore.queue(sql, agent, Optional.empty(), 1, DeploymentKind.CREATE);
    Deployment claimed = DeploymentStore.claim(sql, "lease", Duration.ofMinutes(1)).orElseThrow();
    assertEquals(job, claimed.id());
    Mask mask = new Mask();
    mask.register("sk-0123456789");
    Run run = new Run(platform.database(), claimed, mask);
    run.write(tx -> {
      run.log(tx, LogLevel.ERROR, "refused: sk-0123456789");
      for (int i = 0; i < ProgressStore.LINES_MAX + 10; i++) {
        run.log(tx, LogLevel.INFO, "x".repeat(3000));
      }
    });
    List<Progress.LogLine> lines = ProgressStore.last(sql, agent).logs();
    assertEquals(500, lines.size());
    assertEquals("refused: [redacted]", lines.getFirst().message());
    assertEquals(2000, lines.get(1).message().length());
    assertTrue(lines.getLast().message().startsWith("The log is full"));
  }

  private static int count(Platform platform, String status) {
    return platform
        .database()
        .dsl()
        .fetchCount(
            DSL.table("deployments"),
            DSL.condition("status = {0} and kind <> 'destroy'", DSL.val(status)));
  }

  /** The same recipe, each of whose steps waits for the gate. */
  private static Recipe waiting(Recipe recipe, CountDownLatch gate) {
    return (Recipe)
        Proxy.newProxyInstance(
            Recipe.class.getClassLoader(),
            new Class<?>[] {Recipe.class},
            (_, method, arguments) -> {
              if (method.getName().equals("step")) {
                gate.await();
              }
              try {
                return method.invoke(recipe, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
