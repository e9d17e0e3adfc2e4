package ai.liberclaw.deploy;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.ListedAgent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A server of its own process with a pool on a {@link Cloud}, whose owner creates, rebuilds and
 * deletes agents at random until the process is killed.
 */
public final class CloudServer {
  private static final int AGENTS_MAX = 6;

  private CloudServer() {}

  /** Arguments: database URL, the cloud's directory, owner. */
  public static void main(String[] args) throws InterruptedException {
    PlatformDatabase database =
        PlatformDatabase.open(new PlatformDatabase.Settings(args[0], 4, Duration.ofSeconds(10)));
    CloudPlane plane =
        new CloudPlane(database, Path.of(args[1]), CloudPlane.pool(4, 6), CloudPlane.never());
    plane.cloud.slowness = Duration.ofMillis(50);
    UUID owner = UUID.fromString(args[2]);
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (true) {
      List<Agent> agents =
          plane.agents.list(owner, Instant.now()).stream().map(ListedAgent::agent).toList();
      List<Agent> running = agents.stream().filter(a -> a.status().equals("running")).toList();
      int choice = random.nextInt(10);
      try {
        if (agents.size() < AGENTS_MAX && choice < 7) {
          plane.create(owner);
        } else if (!agents.isEmpty() && choice < 2) {
          // Also one that has just begun.
          plane.agents.rebuild(owner, agents.get(random.nextInt(agents.size())).id());
        } else if (!running.isEmpty()) {
          plane.agents.delete(owner, running.get(random.nextInt(running.size())).id());
        }
      } catch (Refusal _) {
        // It is in a state in which that cannot be done.
      }
      Thread.sleep(random.nextInt(50, 300));
    }
  }
}
