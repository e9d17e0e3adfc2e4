package ai.liberclaw.deploy.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work that is interrupted when its time is over. */
public final class TimeLimit {
  private static final Logger LOG = System.getLogger(TimeLimit.class.getName());

  /** What was interrupted gets this long to end. */
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  private TimeLimit() {}

  /** What is to be done in time. */
  @FunctionalInterface
  public interface Work {
    void run() throws InterruptedException;
  }

  /**
   * Does the work in a thread of its own and waits for it; an interrupt of the caller reaches it.
   *
   * @param name of the thread
   * @throws ProviderException {@code time_over}, retryable, when the limit was reached
   */
  public static void run(Duration limit, String name, Work work) throws InterruptedException {
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          work.run();
          return true;
        });
    Thread thread = Thread.ofVirtual().name(name).start(task);
    try {
      task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ProviderException(
          "time_over", "It took longer than " + limit.toSeconds() + " seconds.", true, e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case InterruptedException _ -> throw new InterruptedException(name);
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      task.cancel(true);
      awaitEnd(thread);
    }
  }

  private static void awaitEnd(Thread thread) {
    boolean interrupted = Thread.interrupted();
    try {
      if (!thread.join(STOP_GRACE)) {
        LOG.log(Level.WARNING, "work.not_ended name=" + thread.getName());
      }
    } catch (InterruptedException _) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
