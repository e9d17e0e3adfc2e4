package ai.liberclaw.deploy.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PlatformExtension.class)
class PoolClaimTest {
  private static final int MACHINES = 30;
  private static final int AGENTS = 50;

  @Test
  void ofManyAgentsAtOnceNoTwoGetTheSameMachine(Platform platform) throws Exception {
    for (int i = 0; i < MACHINES; i++) {
      UUID machine = UUID.randomUUID();
      PoolStore.insert(platform.database().dsl(), machine, "aleph");
      PoolStore.warm(platform.database().dsl(), machine, Instant.now());
    }
    CountDownLatch go = new CountDownLatch(1);
    ConcurrentLinkedQueue<Optional<UUID>> claims = new ConcurrentLinkedQueue<>();
    List<Thread> agents =
        IntStream.range(0, AGENTS)
            .mapToObj(i ->
                Thread.ofVirtual()
                    .name("agent-" + i)
                    .start(() -> {
                      try {
                        go.await();
                      } catch (InterruptedException _) {
                        return;
                      }
                      claims.add(
                          platform
                              .database()
                              .transaction(
                                  sql -> PoolStore.claim(sql, "aleph", UUID.randomUUID(), 1)));
                    }))
            .toList();
    go.countDown();
    for (Thread agent : agents) {
      agent.join();
    }
    List<UUID> got = claims.stream().flatMap(Optional::stream).toList();
    assertEquals(AGENTS, claims.size());
    assertEquals(MACHINES, got.size(), "every machine that waits finds an agent");
    assertEquals(Set.copyOf(got).size(), got.size(), "and no more than one");
    assertEquals(List.of(), PoolStore.machines(platform.database().dsl(), List.of("aleph")));
  }

  /** Weakness 12: an age that depends on where the server stands makes machines too old at once. */
  @Test
  void anAgeIsTheSameInEveryTimeZone(Platform platform) {
    TimeZone here = TimeZone.getDefault();
    UUID machine = UUID.randomUUID();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
      PoolStore.insert(platform.database().dsl(), machine, "aleph");
      PoolStore.warm(platform.database().dsl(), machine, now);
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
      PoolMachine read =
          PoolStore.machines(platform.database().dsl(), List.of("aleph")).stream()
              .filter(one -> one.id().equals(machine))
              .findFirst()
              .orElseThrow();
      assertEquals(Optional.of(now), read.warmAt());
      assertTrue(Duration.between(read.changedAt(), Instant.now()).abs().toMinutes() < 5);
    } finally {
      TimeZone.setDefault(here);
    }
  }
}
