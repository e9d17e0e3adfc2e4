package ai.liberclaw.testkit.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Polls until something is true, and says what was missing when it never is. */
public final class Await {
  private static final Duration POLL = Duration.ofMillis(10);

  private Await() {}

  /**
   * Waits until the condition holds. An exception of the condition counts as not yet.
   *
   * @param what the fact, as the failure names it: "the agent answers"
   * @throws AssertionError when the time is over
   */
  public static void until(String what, Duration timeout, Callable<Boolean> condition) {
    value(what, timeout, () -> condition.call() ? Optional.of(true) : Optional.empty());
  }

  /**
   * Waits until there is a value.
   *
   * @throws AssertionError when the time is over
   */
  public static <T> T value(String what, Duration timeout, Callable<Optional<T>> source) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Exception last = null;
    while (true) {
      try {
        Optional<T> value = source.call();
        if (value.isPresent()) {
          return value.get();
        }
        last = null;
      } catch (InterruptedException e) {
        throw interrupted(what, e);
      } catch (Exception e) {
        last = e;
      }
      if (System.nanoTime() >= deadline) {
        throw failure(what, timeout, last);
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        throw interrupted(what, e);
      }
    }
  }

  private static AssertionError failure(String what, Duration timeout, @Nullable Exception last) {
    String text = "not within " + timeout.toMillis() + " ms: " + what;
    return new AssertionError(last == null ? text : text + " (last: " + last + ")", last);
  }

  private static AssertionError interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssertionError("interrupted while waiting: " + what, e);
  }
}
