package ai.liberclaw.deploy.cluster;

import ai.liberclaw.core.retry.Backoff;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jooq.DSLContext;

/**
 * Work that one server of many does for all, once per period. Who does it holds a lease that is
 * renewed while the work runs; a server that dies leaves it to another, and work that failed is
 * tried again later by whoever comes first.
 */
public final class ClusterTasks implements AutoCloseable {
  /** How long a task's name may be. */
  static final int NAME_LENGTH_MAX = 64;

  private final DSLContext sql;
  private final Clock clock;
  private final Times times;
  private final List<ClusterTask> tasks = new CopyOnWriteArrayList<>();

  /** What is to be done; interrupted when the lease is lost or the server stops. */
  @FunctionalInterface
  public interface Work {
    void run(Lease lease) throws Exception;
  }

  /** The right to do the work. */
  @FunctionalInterface
  public interface Lease {
    /**
     * Keeps the lease from others until the given transaction ends. Called first in each
     * transaction that writes what only one server may write.
     *
     * @throws LeaseLostException when another server may have taken the task over
     */
    void hold(DSLContext tx);
  }

  /**
   * How long things take; tests shorten it.
   *
   * @param lease after this time without renewal others take over
   * @param lookMax the longest time without a look at the table
   * @param retry until a failed task is tried again
   */
  public record Times(Duration lease, Duration lookMax, Backoff retry) {
    public static final Times STANDARD =
        new Times(
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            new Backoff(Duration.ofSeconds(30), Duration.ofMinutes(15), 0.2));
  }

  public ClusterTasks(DSLContext sql, Clock clock) {
    this(sql, clock, Times.STANDARD);
  }

  public ClusterTasks(DSLContext sql, Clock clock, Times times) {
    this.sql = sql;
    this.clock = clock;
    this.times = times;
  }

  /**
   * Does the work in the background, at once when the last time is a period ago or more, and from
   * then on once per period.
   *
   * @param name the same on every server, at most {@value #NAME_LENGTH_MAX} characters
   */
  public void every(String name, Duration period, Work work) {
    if (name.isEmpty() || name.length() > NAME_LENGTH_MAX || !period.isPositive()) {
      throw new IllegalArgumentException("no such task: " + name + " every " + period);
    }
    ClusterTask task = new ClusterTask(name, period, work, sql, clock, times);
    tasks.add(task);
    task.start();
  }

  /** Looks at once which tasks are due. */
  public void wake() {
    tasks.forEach(ClusterTask::wake);
  }

  /** Ends what runs and leaves it to other servers. */
  @Override
  public void close() {
    tasks.forEach(ClusterTask::stop);
    tasks.forEach(ClusterTask::awaitEnd);
  }
}
