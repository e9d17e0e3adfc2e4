package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.testkit.process.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server dies at a boundary of a deployment; the next one finishes it, with one process. */
@ExtendWith(PlatformExtension.class)
class CrashTest {
  @TempDir Path data;
  @TempDir Path releases;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "after-provisioning",
        "after-environment",
        "spawned",
        "after-service",
        "after-health",
        "succeeding"
      })
  void c14ADeploymentGoesOnWhereItsServerDied(String place, Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "free");
    StandInAgent.release(releases);
    Process server = server(platform, owner, place);
    UUID agent = agent(server);
    assertEquals(9, server.waitFor(), "died at the boundary");
    try (TestPlane plane = new TestPlane(platform.database(), data, releases)) {
      assertEquals("deploying", plane.status(owner, agent));
      plane.awaitStatus(owner, agent, "running");
      assertEquals(1, Processes.mentioning(plane.directory(agent).toString()).size());
      assertTrue(plane.agents.endpoint(owner, agent).orElseThrow().running());
      assertTrue(plane.agents.delete(owner, agent));
      TestPlane.await(Duration.ofSeconds(15), () -> plane.rows() == 0);
      assertEquals(0, Processes.mentioning(plane.directory(agent).toString()).size());
    }
  }

  @Test
  void aRunningAgentOutlivesItsServerAndIsTakenUpAgain(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "free");
    StandInAgent.release(releases);
    Process server = server(platform, owner, "nowhere");
    UUID agent = agent(server);
    TestPlane.await(
        Duration.ofSeconds(30),
        () ->
            platform
                .database()
                .dsl()
                .fetchExists(
                    org.jooq.impl.DSL.table("agents"),
                    org.jooq.impl.DSL.condition("deployment_status = 'running'")));
    server.destroyForcibly().waitFor();
    try (TestPlane plane = new TestPlane(platform.database(), data, releases)) {
      Path home = plane.directory(agent);
      long pid = StandInAgent.starts(home).getFirst();
      assertTrue(ProcessHandle.of(pid).orElseThrow().isAlive());
      // Only who supervises restarts what is killed, so this shows that it was taken up.
      assertEquals(1, StandInAgent.starts(home).size());
      assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
      TestPlane.await(Duration.ofSeconds(15), () -> StandInAgent.starts(home).size() == 2);
      assertEquals("running", plane.status(owner, agent));
    }
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

  private static UUID agent(Process server) throws IOException {
    BufferedReader out = server.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("agent=")) {
        return UUID.fromString(line.substring("agent=".length()));
      }
    }
    throw new AssertionError("the server did not create an agent");
  }
}
