package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.ListedAgent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Servers claim, release and die at random: no machine ever serves two agents, and none leaks. */
@ExtendWith(PlatformExtension.class)
class PoolPropertyTest {
  private static final int SERVERS = 3;
  private static final int DEEDS_BETWEEN_KILLS = 3;

  @TempDir Path root;

  @Test
  void noMachineServesTwoAgentsHoweverServersDie(Platform platform) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    platform
        .database()
        .dsl()
        .execute(
            "truncate cluster_tasks, alarms, circuit_breakers, pool_demand, orphans,"
                + " instance_events");
    UUID owner = TestPlane.user(platform.database(), "pro");
    List<Process> servers = new ArrayList<>();
    try {
      for (int i = 0; i < SERVERS; i++) {
        servers.add(server(platform, owner));
      }
      while (!servers.isEmpty()) {
        Process victim = servers.get(random.nextInt(servers.size()));
        int used = used() + DEEDS_BETWEEN_KILLS;
        int claimed = claimed(platform) + DEEDS_BETWEEN_KILLS;
        TestPlane.await(
            Duration.ofMinutes(2), () -> used() >= used && claimed(platform) >= claimed);
        Thread.sleep(random.nextInt(100));
        victim.destroyForcibly().waitFor();
        servers.remove(victim);
      }
    } finally {
      for (Process server : servers) {
        server.destroyForcibly().waitFor();
      }
    }
    try (CloudPlane last =
        new CloudPlane(
            platform.database(),
            root,
            CloudPlane.noPool(),
            CloudPlane.reconcile(Duration.ofMillis(200), Duration.ofMillis(200)))) {
      for (ListedAgent listed : last.agents.list(owner, Instant.now())) {
        last.agents.delete(owner, listed.agent().id());
      }
      TestPlane.await(Duration.ofSeconds(60), () -> last.instances() == 0);
      List<String> used = last.cloud.everUsed();
      for (String machine : used) {
        Set<String> agents = last.cloud.agentsEver(machine);
        assertEquals(1, agents.size(), "seed " + seed + ": " + machine + " served " + agents);
      }
      assertEquals(List.of(), last.cloud.machines(), "seed " + seed + ": nothing is left");
      assertEquals(List.of(), last.orphans.list(), "and nothing ever was without an owner");
      assertTrue(claimed(platform) >= SERVERS * DEEDS_BETWEEN_KILLS);
    }
  }

  /** Machines on which an agent was ever configured. */
  private int used() {
    String[] ledger = root.resolve("ledger").toFile().list();
    return ledger == null ? 0 : ledger.length;
  }

  /** Machines of the pool that were ever given to an agent. */
  private static int claimed(Platform platform) {
    return platform
        .database()
        .dsl()
        .fetchOne("select count(*) from instance_events where event = 'claimed'")
        .get(0, Integer.class);
  }

  private Process server(Platform platform, UUID owner) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            CloudServer.class.getName(),
            platform.url(),
            root.toString(),
            owner.toString())
        .redirectError(root.resolve("errors-" + UUID.randomUUID()).toFile())
        .start();
  }
}
