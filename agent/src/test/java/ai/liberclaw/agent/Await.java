package ai.liberclaw.agent;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for a fact. */
public final class Await {
  private static final Duration MAX = Duration.ofSeconds(20);

  private Await() {}

  /** Returns as soon as the condition holds; fails when it takes too long. */
  public static void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + MAX.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain for: " + what);
      }
      Thread.sleep(10);
    }
  }
}
