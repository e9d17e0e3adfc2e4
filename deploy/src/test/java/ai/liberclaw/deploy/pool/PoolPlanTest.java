package ai.liberclaw.deploy.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.InstanceState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PoolPlanTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:30:00Z");
  private static final PoolSettings SETTINGS =
      new PoolSettings(
          true,
          1,
          5,
          Duration.ofDays(2),
          Duration.ofMinutes(30),
          10,
          60,
          2,
          Duration.ofSeconds(10));

  @Test
  void whatIsBeingMadeCounts() {
    List<PoolMachine> machines = List.of(warm(10), preparing());
    assertEquals(new PoolPlan(1, List.of()), plan(machines, 3));
    assertEquals(new PoolPlan(0, List.of()), plan(machines, 2));
  }

  @Test
  void noMoreThanTheMostAreThere() {
    assertEquals(5, plan(List.of(), 5).create());
    List<PoolMachine> machines = List.of(warm(1), warm(2), preparing(), preparing(), preparing());
    assertEquals(new PoolPlan(0, List.of()), plan(machines, 5));
  }

  @Test
  void anOldMachineGoesWhenItsReplacementIsThere() {
    PoolMachine old = warm(50 * 60);
    assertEquals(new PoolPlan(1, List.of()), plan(List.of(old), 1), "first another is made");
    assertEquals(new PoolPlan(0, List.of(old.id())), plan(List.of(old, warm(1)), 1));
  }

  @Test
  void anOldMachineMakesRoomWhereThereIsNone() {
    PoolMachine old = warm(50 * 60);
    PoolPlan plan = plan(List.of(old, warm(1), warm(2), warm(3), warm(4)), 5);
    assertEquals(new PoolPlan(1, List.of(old.id())), plan);
  }

  @Test
  void whatIsOnlyTooManyIsKeptForAnHour() {
    PoolMachine hours = warm(100);
    PoolMachine minutes = warm(30);
    assertEquals(new PoolPlan(0, List.of(hours.id())), plan(List.of(hours, minutes, warm(5)), 1));
  }

  @Test
  void aDrainedPoolKeepsNothing() {
    PoolMachine doomed = machine(InstanceState.DESTROYING, Optional.empty());
    PoolMachine made = preparing();
    assertEquals(new PoolPlan(0, List.of(made.id())), PoolPlan.drain(List.of(doomed, made)));
  }

  @Test
  void thePoolIsSizedByWhatWasAskedForLately() {
    Map<Instant, Integer> steady = new HashMap<>();
    for (int hour = 0; hour <= 24; hour++) {
      steady.put(Instant.parse("2026-03-01T10:00:00Z").minus(Duration.ofHours(hour)), 6);
    }
    steady.put(Instant.parse("2026-03-01T10:00:00Z"), 3);
    assertEquals(6, new Demand(steady).perHour(NOW), 0.01);
    assertEquals(3, new Demand(steady).target(NOW, SETTINGS), "half an hour's worth");
    assertEquals(1, new Demand(Map.of()).target(NOW, SETTINGS), "never less than the least");
    Map<Instant, Integer> rush = Map.of(Instant.parse("2026-03-01T10:00:00Z"), 100);
    assertEquals(5, new Demand(rush).target(NOW, SETTINGS), "never more than the most");
    Map<Instant, Integer> yesterday = Map.of(Instant.parse("2026-02-28T11:00:00Z"), 100);
    assertTrue(new Demand(yesterday).perHour(NOW) < 0.1, "long ago counts for nothing");
  }

  private static PoolPlan plan(List<PoolMachine> machines, int target) {
    return PoolPlan.of(machines, target, NOW, SETTINGS);
  }

  private static PoolMachine warm(int minutes) {
    return machine(InstanceState.WARM, Optional.of(NOW.minus(Duration.ofMinutes(minutes))));
  }

  private static PoolMachine preparing() {
    return machine(InstanceState.PROVISIONING, Optional.empty());
  }

  private static PoolMachine machine(InstanceState state, Optional<Instant> warmAt) {
    return new PoolMachine(
        UUID.randomUUID(), "aleph", state, Json.object(), warmAt, warmAt, Optional.empty(), NOW);
  }
}
