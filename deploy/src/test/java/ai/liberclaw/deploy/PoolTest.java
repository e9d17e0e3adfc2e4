package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.pool.PoolSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class PoolTest {
  @TempDir Path root;

  @BeforeEach
  void nothingIsLeft(Platform platform) {
    platform
        .database()
        .dsl()
        .execute(
            "truncate cluster_tasks, alarms, circuit_breakers, pool_demand, orphans,"
                + " rate_limit_buckets");
  }

  @Test
  void anAgentGetsAMachineThatWaitsAndAnotherTakesItsPlace(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (CloudPlane plane = plane(platform, CloudPlane.pool(2, 4))) {
      plane.awaitWarm(2);
      Set<String> waiting = plane.pooled("warm");
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id());
      String machine = instance(plane, owner, agent);
      assertTrue(waiting.contains(machine), "it got one of those that waited");
      assertEquals(Set.of(agent.id().toString()), plane.cloud.agentsEver(machine));
      plane.awaitWarm(2);
      assertFalse(plane.pooled("warm").contains(machine));
      assertEquals(3, plane.instances(), "its own and two that wait; the cold one is gone");
      assertTrue(plane.agents.delete(owner, agent.id()));
      TestPlane.await(Duration.ofSeconds(10), () -> plane.instances() == 2);
      assertFalse(Files.exists(plane.cloud.machine(machine)), "a used machine is destroyed");
    }
  }

  @Test
  void anUnfitMachineIsNotHandedOut(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (CloudPlane plane = plane(platform, CloudPlane.pool(2, 2))) {
      plane.awaitWarm(2);
      Set<String> unfit = plane.pooled("warm");
      for (String machine : unfit) {
        Files.createFile(plane.cloud.machine(machine).resolve("unfit"));
      }
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id());
      assertFalse(unfit.contains(instance(plane, owner, agent)));
      for (String machine : unfit) {
        assertEquals(Set.of(), plane.cloud.agentsEver(machine));
        TestPlane.await(Duration.ofSeconds(10), () -> !Files.exists(plane.cloud.machine(machine)));
      }
    }
  }

  @Test
  void aMachineThatTurnsUnfitWhileItWaitsIsReplaced(Platform platform) throws Exception {
    try (CloudPlane plane = plane(platform, CloudPlane.pool(1, 1))) {
      plane.awaitWarm(1);
      String unfit = plane.pooled("warm").iterator().next();
      Files.createFile(plane.cloud.machine(unfit).resolve("unfit"));
      TestPlane.await(Duration.ofSeconds(20), () -> !Files.exists(plane.cloud.machine(unfit)));
      plane.awaitWarm(1);
      assertFalse(plane.pooled("warm").contains(unfit));
    }
  }

  @Test
  void failuresInARowAreToldAndLeaveNothing(Platform platform) throws Exception {
    try (CloudPlane plane = plane(platform, CloudPlane.pool(3, 5))) {
      plane.cloud.broken = true;
      TestPlane.await(Duration.ofSeconds(20), () -> plane.alarm("pool-aleph").isPresent());
      plane.cloud.broken = false;
      plane.awaitWarm(3);
      TestPlane.await(Duration.ofSeconds(10), () -> plane.instances() == 3);
      TestPlane.await(Duration.ofSeconds(5), () -> plane.alarm("pool-aleph").isEmpty());
      assertEquals(3, plane.cloud.machines().size());
    }
  }

  @Test
  void noMoreMachinesAreMadeThanTheOperatorAllows(Platform platform) throws Exception {
    PoolSettings all = CloudPlane.pool(5, 5);
    PoolSettings capped =
        new PoolSettings(true, 5, 5, all.ageMax(), all.cover(), 3, 100, 2, Duration.ofMillis(100));
    try (CloudPlane plane = plane(platform, capped)) {
      TestPlane.await(Duration.ofSeconds(20), () -> plane.alarm("pool-aleph-cap").isPresent());
      plane.awaitWarm(3);
      assertTrue(plane.alarm("pool-aleph-cap").orElseThrow().message().contains("PER_HOUR (3)"));
      assertEquals(3, plane.instances());
    }
  }

  @Test
  void turnedOffItGivesEverythingBack(Platform platform) throws Exception {
    try (CloudPlane plane = plane(platform, CloudPlane.pool(2, 2))) {
      plane.awaitWarm(2);
    }
    try (CloudPlane plane = plane(platform, CloudPlane.noPool())) {
      TestPlane.await(Duration.ofSeconds(20), () -> plane.instances() == 0);
      assertEquals(List.of(), plane.cloud.machines());
    }
  }

  @Test
  void machinesThatWaitGoFirstWhenMoneyRunsOut(Platform platform) throws Exception {
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (CloudPlane plane = plane(platform, CloudPlane.pool(2, 2))) {
      plane.awaitWarm(2);
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id());
      plane.cloud.scarce = true;
      TestPlane.await(Duration.ofSeconds(20), () -> plane.instances() == 1);
      assertEquals(List.of(instance(plane, owner, agent)), plane.cloud.machines());
      plane.cloud.scarce = false;
      plane.awaitWarm(2);
    }
  }

  @Test
  void anotherServerGoesOnWithWhatOneBegan(Platform platform) throws Exception {
    Set<String> begun;
    try (CloudPlane plane = plane(platform, CloudPlane.pool(1, 1))) {
      plane.cloud.slowness = Duration.ofMinutes(1);
      TestPlane.await(Duration.ofSeconds(20), () -> plane.pooled("allocated").size() == 1);
      begun = plane.pooled("allocated");
    }
    try (CloudPlane plane = plane(platform, CloudPlane.pool(1, 1))) {
      plane.awaitWarm(1);
      assertEquals(begun, plane.pooled("warm"));
      assertEquals(List.copyOf(begun), plane.cloud.machines());
    }
  }

  @Test
  void theSchemaRefusesToMakeAClaimedMachineWarm(Platform platform) {
    UUID owner = TestPlane.user(platform.database(), "pro");
    try (CloudPlane plane = plane(platform, CloudPlane.pool(1, 1))) {
      plane.awaitWarm(1);
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id());
      assertThrows(
          DataAccessException.class,
          () ->
              platform
                  .database()
                  .dsl()
                  .execute(
                      "update instances set state = 'warm', agent_id = null"
                          + " where claimed_at is not null"));
      plane.agents.delete(owner, agent.id());
      TestPlane.await(Duration.ofSeconds(10), () -> plane.instances() == 1);
    }
  }

  private CloudPlane plane(Platform platform, PoolSettings pool) {
    return new CloudPlane(platform.database(), root, pool, CloudPlane.never());
  }

  private static String instance(CloudPlane plane, UUID owner, Agent agent) {
    return plane.agents.find(owner, agent.id()).orElseThrow().instanceId().orElseThrow().toString();
  }
}
