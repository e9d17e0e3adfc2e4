package ai.liberclaw.core.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration BASE = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofSeconds(30);

  @Test
  void waitsDoubleUntilTheMaximum() {
    Backoff backoff = new Backoff(BASE, MAX, 0);
    int[] seconds = {1, 2, 4, 8, 16, 30, 30};
    for (int attempt = 1; attempt <= seconds.length; attempt++) {
      assertEquals(Duration.ofSeconds(seconds[attempt - 1]), backoff.delay(attempt));
    }
  }

  @Test
  void noAttemptNumberOverflows() {
    Backoff backoff = new Backoff(BASE, Duration.ofDays(365), 0);
    assertEquals(Duration.ofDays(365), backoff.delay(Integer.MAX_VALUE));
    assertEquals(BASE, backoff.delay(Integer.MIN_VALUE));
  }

  @Test
  void jitterMovesByItsFractionAtMost() {
    assertEquals(Duration.ofMillis(800), new Backoff(BASE, MAX, 0.2, () -> 0).delay(1));
    assertEquals(BASE, new Backoff(BASE, MAX, 0.2, () -> 0.5).delay(1));
    assertTrue(new Backoff(BASE, MAX, 0.2, () -> 0.999).delay(1).toMillis() < 1200);
  }

  @Test
  void senselessWaitsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Backoff(Duration.ZERO, MAX, 0));
    assertThrows(IllegalArgumentException.class, () -> new Backoff(MAX, BASE, 0));
    assertThrows(IllegalArgumentException.class, () -> new Backoff(BASE, MAX, 1.5));
    assertThrows(IllegalArgumentException.class, () -> new Backoff(BASE, MAX, Double.NaN));
  }
}
