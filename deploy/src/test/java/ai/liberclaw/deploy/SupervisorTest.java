package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class SupervisorTest {
  @TempDir Path data;
  @TempDir Path releases;
  private final MovableClock clock = new MovableClock();
  Platform platform;

  @BeforeEach
  void prepare(Platform running) {
    platform = running;
    StandInAgent.release(releases);
  }

  @Test
  void anAgentWhosePortWasTakenMovesAndItsAddressFollows() throws Exception {
    try (TestPlane plane = plane()) {
      UUID owner = TestPlane.user(platform.database(), "free");
      UUID agent = running(plane, owner);
      Path home = plane.directory(agent);
      URI before = plane.agents.endpoint(owner, agent).flatMap(e -> e.base()).orElseThrow();
      kill(home);
      try (ServerSocket _ = bind(before.getPort())) {
        TestPlane.await(
            Duration.ofSeconds(15),
            () -> {
              clock.forward(Duration.ofSeconds(1));
              return StandInAgent.starts(home).size() >= 2
                  && !url(plane, owner, agent).equals(before.toString());
            });
      }
      assertNotEquals(
          Optional.of(before), plane.agents.endpoint(owner, agent).flatMap(e -> e.base()));
      assertEquals("running", plane.status(owner, agent));
    }
  }

  @Test
  void anAgentThatKeepsCrashingIsDegradedButStaysRunningForClients() throws Exception {
    try (TestPlane plane = plane()) {
      UUID owner = TestPlane.user(platform.database(), "free");
      UUID agent = running(plane, owner);
      Path home = plane.directory(agent);
      Files.createFile(home.resolve("crash"));
      kill(home);
      for (int i = 0; i < 4; i++) {
        int starts = StandInAgent.starts(home).size();
        // No crash waits longer than a minute for its restart.
        TestPlane.await(
            Duration.ofSeconds(15),
            () -> {
              clock.forward(Duration.ofMillis(500));
              return StandInAgent.starts(home).size() > starts;
            });
      }
      TestPlane.await(Duration.ofSeconds(15), () -> state(agent).equals("degraded"));
      assertEquals("running", plane.status(owner, agent));

      Files.delete(home.resolve("crash"));
      TestPlane.await(
          Duration.ofSeconds(15),
          () -> {
            clock.forward(Duration.ofSeconds(10));
            return state(agent).equals("running");
          });
      assertEquals(1, Processes.mentioning(home.toString()).size());
    }
  }

  @Test
  void aServerThatEndsTakesItsAgentsAlongAndTheNextStartsThemAgain() {
    UUID owner = TestPlane.user(platform.database(), "free");
    UUID agent;
    Path home;
    try (TestPlane plane = plane()) {
      agent = running(plane, owner);
      home = plane.directory(agent);
    }
    assertEquals(0, Processes.mentioning(home.toString()).size());
    try (TestPlane plane = plane()) {
      TestPlane.await(Duration.ofSeconds(15), () -> StandInAgent.starts(home).size() == 2);
      assertEquals("running", plane.status(owner, agent));
    }
  }

  private TestPlane plane() {
    return new TestPlane(
        platform.database(), data, releases, recipe -> recipe, provider -> provider, clock);
  }

  private static UUID running(TestPlane plane, UUID owner) {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    // The supervisor has seen it alive once two rounds have passed.
    java.util.concurrent.locks.LockSupport.parkNanos(1_200_000_000L);
    return agent;
  }

  private static void kill(Path home) {
    long pid = StandInAgent.starts(home).getLast();
    assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
  }

  private static ServerSocket bind(int port) {
    List<ServerSocket> sockets = new ArrayList<>();
    TestPlane.await(
        Duration.ofSeconds(5),
        () -> {
          try {
            sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
            return true;
          } catch (IOException _) {
            return false;
          }
        });
    return sockets.getFirst();
  }

  private static String url(TestPlane plane, UUID owner, UUID agent) {
    return plane.agents.find(owner, agent).flatMap(a -> a.vmUrl()).orElse("");
  }

  private String state(UUID agent) {
    return String.valueOf(
        platform
            .database()
            .dsl()
            .fetchValue(
                "select state from instances where agent_id = {0}", org.jooq.impl.DSL.val(agent)));
  }

  /** Time that tests push on. */
  private static final class MovableClock extends Clock {
    private final Instant start = Instant.now();
    private final AtomicLong forwarded = new AtomicLong();

    void forward(Duration step) {
      forwarded.addAndGet(step.toMillis());
    }

    @Override
    public Instant instant() {
      return start.plusMillis(forwarded.get());
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
