package ai.liberclaw.deploy.provider.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CrashLoopTest {
  private final CrashLoop loop = new CrashLoop();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void delaysDoubleFromOneSecondAndFiveCrashesInFiveMinutesDegrade() {
    for (int seconds : new int[] {1, 2, 4, 8}) {
      assertEquals(seconds, crash());
      assertFalse(loop.degraded(now));
    }
    assertEquals(60, crash());
    assertTrue(loop.degraded(now));
    now = now.plus(CrashLoop.WINDOW).plusSeconds(1);
    assertFalse(loop.degraded(now));
  }

  @Test
  void aCrashLongAfterTheLastOneBeginsAgainAtOneSecond() {
    crash();
    crash();
    now = now.plus(Duration.ofMinutes(6));
    assertEquals(1, crash());
  }

  private long crash() {
    now = now.plusMillis(10);
    return Duration.between(now, loop.crashed(now)).toSeconds();
  }
}
