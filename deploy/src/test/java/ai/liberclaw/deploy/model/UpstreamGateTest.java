package ai.liberclaw.deploy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.model.UpstreamGate.Entry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

final class UpstreamGateTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private final UpstreamGate gate =
      new UpstreamGate(
          2,
          new Clock() {
            @Override
            public Instant instant() {
              return now;
            }

            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }
          });

  @Test
  void noMoreCallsRunThanItHasPlaces() {
    assertEquals(Entry.OPEN, gate.enter());
    assertEquals(Entry.OPEN, gate.enter());
    assertEquals(Entry.FULL, gate.enter());
    gate.leave();
    assertEquals(Entry.OPEN, gate.enter());
  }

  @Test
  void afterFailuresInARowItRestsAndOneCallTriesIt() {
    fail(UpstreamGate.FAILURES_MAX - 1);
    gate.succeeded();
    fail(UpstreamGate.FAILURES_MAX - 1);
    assertFalse(gate.rests());
    fail(1);
    assertTrue(gate.rests());
    assertEquals(Entry.RESTING, gate.enter());
    now = now.plus(Duration.ofSeconds(10));
    assertEquals(Entry.OPEN, gate.enter());
    assertEquals(Entry.RESTING, gate.enter(), "one at a time");
    gate.failed();
    gate.leave();
    assertEquals(Entry.RESTING, gate.enter(), "longer than before");
    now = now.plus(Duration.ofMinutes(3));
    assertEquals(Entry.OPEN, gate.enter());
    gate.succeeded();
    gate.leave();
    assertEquals(Entry.OPEN, gate.enter());
  }

  @Test
  void aTryThatWasGivenUpLeavesTheNextOneItsChance() {
    fail(UpstreamGate.FAILURES_MAX);
    now = now.plus(Duration.ofMinutes(3));
    assertEquals(Entry.OPEN, gate.enter());
    gate.undecided();
    gate.leave();
    assertEquals(Entry.OPEN, gate.enter());
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      assertEquals(Entry.OPEN, gate.enter());
      gate.failed();
      gate.leave();
    }
  }
}
