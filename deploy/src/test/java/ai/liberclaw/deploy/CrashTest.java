package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.testkit.process.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever works on a deployment dies at each of its boundaries; whoever comes next finishes it, and
 * there is one process.
 */
@ExtendWith(PlatformExtension.class)
class CrashTest {
  /** Others take over soon: starting servers and waiting for leases is what made this slow. */
  private static final DeploymentWorker.Settings WORKER =
      new DeploymentWorker.Settings(
          4,
          Duration.ofMillis(700),
          Duration.ofMillis(50),
          3,
          new Backoff(Duration.ofMillis(50), Duration.ofMillis(100), 0.1));

  @TempDir Path data;
  @TempDir Path releases;
  private final Deaths deaths = Deaths.ofThreads();

  @BeforeEach
  void release() {
    StandInAgent.release(releases);
  }

  @Test
  void c14ACreationGoesOnWhereItsWorkerDied(Platform platform) {
    UUID owner = TestPlane.user(platform.database(), "pro");
    Map<String, UUID> agents = new LinkedHashMap<>();
    try (TestPlane plane = plane(platform)) {
      plane.closeWorker();
      for (String place :
          List.of(
              "after-provisioning",
              "configured",
              "after-environment",
              "spawned",
              "after-service",
              "after-health",
              "succeeding")) {
        UUID agent = plane.agents.create(owner, TestPlane.draft(place)).id();
        deaths.plan(agent, place);
        agents.put(place, agent);
      }
    }
    try (TestPlane plane = plane(platform)) {
      for (Map.Entry<String, UUID> each : agents.entrySet()) {
        awaitRunning(plane, owner, each);
      }
    }
  }

  @Test
  void anUpdateGoesOnWhereItsWorkerDied(Platform platform) {
    matrix(
        platform,
        plane -> StandInAgent.release(releases, "second"),
        (plane, owner, agent) -> plane.agents.redeploy(owner, agent),
        List.of(
            "after-allocation",
            "configured",
            "spawned",
            "after-environment",
            "settled",
            "after-health",
            "succeeding"),
        (plane, agent) -> assertTrue(database(plane, agent).endsWith("second\n")));
  }

  @Test
  void aFailedUpdateIsTakenBackWhereItsWorkerDied(Platform platform) {
    matrix(
        platform,
        plane -> StandInAgent.release(releases, "broken"),
        (plane, owner, agent) -> plane.agents.redeploy(owner, agent),
        List.of("after-environment", "abandoning", "respawned", "reverted", "abandoned", "failing"),
        (plane, agent) -> {
          String database = database(plane, agent);
          assertTrue(database.matches("first\n(first\n)+"), database);
        });
  }

  @Test
  void aRebuildGoesOnWhereItsWorkerDied(Platform platform) {
    matrix(
        platform,
        plane -> StandInAgent.release(releases, "second"),
        (plane, owner, agent) -> plane.agents.rebuild(owner, agent),
        List.of(
            "destroyed",
            "after-provisioning",
            "after-environment",
            "spawned",
            "after-service",
            "after-health",
            "succeeding"),
        (plane, agent) -> assertTrue(database(plane, agent).matches("(second\n)+")));
  }

  @Test
  void aDestroyGoesOnWhereItsWorkerDied(Platform platform) {
    try (TestPlane plane = plane(platform)) {
      UUID owner = TestPlane.user(platform.database(), "pro");
      Map<String, UUID> agents = running(plane, owner, List.of("destroyed", "succeeding"));
      agents.forEach((place, agent) -> {
        deaths.plan(agent, place);
        assertTrue(plane.agents.delete(owner, agent));
      });
      TestPlane.await(Duration.ofSeconds(30), () -> plane.rows() == 0);
      agents.forEach((place, agent) -> {
        assertTrue(deaths.happened(agent), place);
        assertTrue(Files.notExists(plane.directory(agent)), place);
        assertEquals(0, Processes.mentioning(plane.directory(agent).toString()).size(), place);
      });
    }
  }

  @Test
  void aServerKilledInAllItDoesIsFollowedByAnother(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "free");
    Process server = server(platform, owner, "spawned");
    List<UUID> agents = agents(server);
    assertEquals(9, server.waitFor(), "died at the boundary");
    try (TestPlane plane = plane(platform)) {
      Path home = plane.directory(agents.getFirst());
      long pid = StandInAgent.starts(home).getFirst();
      assertTrue(ProcessHandle.of(pid).orElseThrow().isAlive());
      assertEquals(1, StandInAgent.starts(home).size());
      // Only who supervises restarts what is killed, so this shows that it was taken up.
      assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
      TestPlane.await(Duration.ofSeconds(15), () -> StandInAgent.starts(home).size() == 2);
      assertEquals("running", plane.status(owner, agents.getFirst()));

      awaitRunning(plane, owner, Map.entry("spawned", agents.getLast()));
    }
  }

  /** Agents that run are each told the same, and each one's worker dies at another place. */
  private void matrix(
      Platform platform,
      Consumer<TestPlane> between,
      Order order,
      List<String> places,
      Check check) {
    try (TestPlane plane = plane(platform)) {
      UUID owner = TestPlane.user(platform.database(), "pro");
      Map<String, UUID> agents = running(plane, owner, places);
      between.accept(plane);
      agents.forEach((place, agent) -> {
        deaths.plan(agent, place);
        order.give(plane, owner, agent);
      });
      for (Map.Entry<String, UUID> each : agents.entrySet()) {
        awaitRunning(plane, owner, each);
        check.of(plane, each.getValue());
      }
    }
  }

  private static Map<String, UUID> running(TestPlane plane, UUID owner, List<String> places) {
    Map<String, UUID> agents = new LinkedHashMap<>();
    for (String place : places) {
      agents.put(place, plane.agents.create(owner, TestPlane.draft(place)).id());
    }
    agents.values().forEach(agent -> plane.awaitStatus(owner, agent, "running"));
    return agents;
  }

  private void awaitRunning(TestPlane plane, UUID owner, Map.Entry<String, UUID> each) {
    UUID agent = each.getValue();
    TestPlane.await(
        Duration.ofSeconds(30),
        () ->
            deaths.happened(agent)
                && plane.status(owner, agent).equals("running")
                && active(plane, agent) == 0);
    String home = plane.directory(agent).toString();
    assertEquals(1, Processes.mentioning(home).size(), each.getKey());
    assertEquals(1, instances(plane, agent), each.getKey());
    assertTrue(plane.agents.endpoint(owner, agent).orElseThrow().running(), each.getKey());
    String secret = plane.agents.endpoint(owner, agent).orElseThrow().secret();
    assertEquals(List.of(), Processes.mentioning(secret), each.getKey());
    assertTrue(Files.notExists(plane.directory(agent).resolve("aside")), each.getKey());
  }

  private static int active(TestPlane plane, UUID agent) {
    return plane
        .database
        .dsl()
        .fetchCount(
            DSL.table("deployments"),
            DSL.condition("agent_id = {0} and status in ('queued', 'running')", DSL.val(agent)));
  }

  private static int instances(TestPlane plane, UUID agent) {
    return plane
        .database
        .dsl()
        .fetchCount(DSL.table("instances"), DSL.condition("agent_id = {0}", DSL.val(agent)));
  }

  private static String database(TestPlane plane, UUID agent) {
    try {
      return Files.readString(plane.directory(agent).resolve("agent.db"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private TestPlane plane(Platform platform) {
    return new TestPlane(
        platform.database(), data, releases, deaths::in, deaths::in, Clock.systemUTC(), WORKER);
  }

  private Process server(Platform platform, UUID owner, String place) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            CrashingServer.class.getName(),
            platform.url(),
            data.toString(),
            releases.toString(),
            owner.toString(),
            place)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static List<UUID> agents(Process server) throws IOException {
    BufferedReader out = server.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("agents=")) {
        String[] ids = line.substring("agents=".length()).split(",", -1);
        return Arrays.stream(ids).map(UUID::fromString).toList();
      }
    }
    throw new AssertionError("the server did not create its agents");
  }

  private interface Order {
    void give(TestPlane plane, UUID owner, UUID agent);
  }

  private interface Check {
    void of(TestPlane plane, UUID agent);
  }
}
