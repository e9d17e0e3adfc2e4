package ai.liberclaw.deploy.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A thread that looks after something on this machine, again and again. Of the servers that share
 * the data directory the one that holds the duty's lock does it; the kernel passes it on when that
 * one dies.
 */
public final class MachineDuty implements AutoCloseable {
  private static final Logger LOG = System.getLogger(MachineDuty.class.getName());

  /** One line in so many tells of a failure that stays. */
  private static final long FAILURES_PER_LINE = 120;

  /** What there is to do; none of it at the same time as another. */
  public interface Work {
    /** This server has just taken the duty over. */
    default void begin() {}

    /** Once a tick, while it has the duty. */
    void look() throws InterruptedException;

    /** The server ends, and has the duty. */
    default void end() throws InterruptedException {}
  }

  private final String name;
  private final MachineLock locks;
  private final Duration tick;
  private final Duration closeTimeMax;
  private final Work work;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;

  /**
   * @param name of the lock and in the log
   * @param tick how often it looks
   * @param closeTimeMax how long {@link Work#end} may take
   */
  public MachineDuty(
      String name, MachineLock locks, Duration tick, Duration closeTimeMax, Work work) {
    this.name = name;
    this.locks = locks;
    this.tick = tick;
    this.closeTimeMax = closeTimeMax;
    this.work = work;
    this.thread = Thread.ofVirtual().name("duty-" + name).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Whether it does its duty, or stands by while another server of this machine does. */
  public boolean ready() {
    return stopping.getCount() > 0 && thread.isAlive();
  }

  @Override
  public void close() {
    stopping.countDown();
    try {
      if (!thread.join(closeTimeMax)) {
        LOG.log(Level.WARNING, name + ".close_timed_out");
        thread.interrupt();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Optional<MachineLock.Held> lease = Optional.empty();
    long failures = 0;
    try {
      do {
        try {
          if (lease.isEmpty()) {
            lease = locks.tryAcquire(name);
            if (lease.isPresent()) {
              LOG.log(Level.INFO, name + ".took_over");
              work.begin();
            }
          }
          if (lease.isPresent()) {
            work.look();
          }
          failures = 0;
        } catch (RuntimeException | Error e) {
          // Nobody else does it: whatever it was, the next look may go well.
          if (failures++ % FAILURES_PER_LINE == 0) {
            LOG.log(Level.ERROR, name + ".failed", e);
          }
        }
      } while (!stopping.await(tick.toMillis(), TimeUnit.MILLISECONDS));
      if (lease.isPresent()) {
        work.end();
      }
    } catch (InterruptedException _) {
      // Told to leave at once; whoever comes next goes on.
    } finally {
      lease.ifPresent(MachineLock.Held::close);
    }
  }
}
