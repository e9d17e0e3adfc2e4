package ai.liberclaw.deploy;

import ai.liberclaw.db.postgres.PlatformDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/**
 * A server of its own process. It brings one agent up, then creates another, whose deployment kills
 * it at one of the places of {@link Deaths}.
 */
public final class CrashingServer {
  private CrashingServer() {}

  /** Arguments: database URL, data directory, release, owner, where to die. */
  public static void main(String[] args) {
    PlatformDatabase database =
        PlatformDatabase.open(new PlatformDatabase.Settings(args[0], 4, Duration.ofSeconds(10)));
    UUID owner = UUID.fromString(args[3]);
    Deaths deaths = Deaths.ofProcess();
    TestPlane plane =
        new TestPlane(
            database,
            Path.of(args[1]),
            Path.of(args[2]),
            deaths::in,
            deaths::in,
            Clock.systemUTC());
    UUID first = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, first, "running");
    deaths.planNext(args[4]);
    UUID second = plane.agents.create(owner, TestPlane.draft("Bob")).id();
    System.out.println("agents=" + first + "," + second);
    TestPlane.await(Duration.ofMinutes(1), () -> false);
  }
}
