package ai.liberclaw.deploy.cluster;

import ai.liberclaw.deploy.cluster.ClusterTasks.Times;
import ai.liberclaw.deploy.cluster.ClusterTasks.Work;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** One task on this server: waits until it is due, claims it, and does it if nobody else does. */
final class ClusterTask {
  private static final Logger LOG = System.getLogger(ClusterTask.class.getName());

  /** What runs may end by itself before it is interrupted. */
  private static final Duration STOP_GRACE = Duration.ofMillis(500);

  private static final Duration STOP_MAX = Duration.ofSeconds(5);
  private static final long JITTER_MILLIS_MAX = 1000;

  private final String name;
  private final Duration period;
  private final Work work;
  private final ClusterTaskStore store;
  private final Clock clock;
  private final Times times;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicReference<@Nullable Run> running = new AtomicReference<>();
  private final Thread thread;
  private volatile boolean closed;

  /** Failures in a row, here. */
  private int failures;

  ClusterTask(String name, Duration period, Work work, DSLContext sql, Clock clock, Times times) {
    this.name = name;
    this.period = period;
    this.work = work;
    this.store = new ClusterTaskStore(sql);
    this.clock = clock;
    this.times = times;
    this.thread = Thread.ofVirtual().name("cluster-" + name).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  void wake() {
    wake.release();
  }

  void stop() {
    closed = true;
    wake.release();
  }

  void awaitEnd() {
    try {
      if (!thread.join(STOP_GRACE)) {
        Run run = running.get();
        if (run != null) {
          run.interrupt();
        }
        if (!thread.join(STOP_MAX)) {
          LOG.log(Level.WARNING, "cluster_task.not_ended name=" + name);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    boolean known = false;
    while (!closed) {
      Duration wait = times.lookMax();
      try {
        if (!known) {
          store.add(name);
          known = true;
        }
        claimAndRun();
        wait = untilDue();
      } catch (DataAccessException e) {
        LOG.log(Level.WARNING, "cluster_task.unreadable name=" + name, e);
      }
      try {
        boolean _ = wake.tryAcquire(wait.toMillis() + jitter(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void claimAndRun() {
    Instant now = now();
    String owner = UUID.randomUUID().toString();
    if (closed || !store.claim(name, owner, now, now.plus(times.lease()), now.minus(period))) {
      return;
    }
    Run run = new Run(owner);
    running.set(run);
    boolean done = false;
    try {
      done = run.go();
    } finally {
      running.set(null);
    }
    if (done) {
      failures = 0;
      if (!store.done(name, owner, now)) {
        LOG.log(Level.WARNING, "cluster_task.lease_lost name=" + name);
      }
    } else if (closed) {
      store.giveUp(name, owner, now());
    } else {
      failures++;
      store.giveUp(name, owner, now().plus(times.retry().delay(failures)));
    }
  }

  /** Not longer than the longest time between looks: leases are given back early too. */
  private Duration untilDue() {
    ClusterTaskStore.State state = store.state(name);
    Instant now = now();
    Instant due = state.lastDoneAt().map(done -> done.plus(period)).orElse(now);
    Instant free = state.heldUntil().orElse(now);
    Duration wait = Duration.between(now, due.isAfter(free) ? due : free);
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(times.lookMax()) < 0 ? wait : times.lookMax();
  }

  /** So that the servers of a cluster do not all come at once; at least a millisecond. */
  private long jitter() {
    long most = Math.clamp(period.toMillis() / 20, 1, JITTER_MILLIS_MAX);
    return ThreadLocalRandom.current().nextLong(most) + 1;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** The work once, with its lease. Interrupts from outside reach the work and nothing after it. */
  private final class Run implements ClusterTasks.Lease {
    private final String owner;
    private final Semaphore ended = new Semaphore(0);
    private final Thread worker = Thread.currentThread();
    private boolean over;

    Run(String owner) {
      this.owner = owner;
    }

    @Override
    public void hold(DSLContext tx) {
      if (!store.hold(tx, name, owner)) {
        throw new LeaseLostException(name);
      }
    }

    /** False when the work failed. */
    boolean go() {
      Thread renewal = Thread.ofVirtual().name("cluster-lease-" + name).start(this::renew);
      try {
        work.run(this);
        return true;
      } catch (Exception e) {
        if (!closed) {
          LOG.log(Level.WARNING, "cluster_task.failed name=" + name, e);
        }
        return false;
      } finally {
        end();
        joinQuietly(renewal);
      }
    }

    private synchronized void end() {
      over = true;
      ended.release();
      boolean _ = Thread.interrupted();
    }

    synchronized void interrupt() {
      if (!over) {
        worker.interrupt();
      }
    }

    private void renew() {
      Instant until = now().plus(times.lease());
      long every = Math.max(1, times.lease().toMillis() / 4);
      try {
        while (!ended.tryAcquire(every, TimeUnit.MILLISECONDS)) {
          Instant next = now().plus(times.lease());
          try {
            if (!store.renew(name, owner, next)) {
              interrupt();
              return;
            }
            until = next;
          } catch (DataAccessException e) {
            LOG.log(Level.WARNING, "cluster_task.unrenewed name=" + name, e);
            if (now().isAfter(until)) {
              interrupt();
              return;
            }
          }
        }
      } catch (InterruptedException _) {
        // Nobody interrupts it; its end is told by the semaphore.
      }
    }

    private void joinQuietly(Thread renewal) {
      try {
        renewal.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
