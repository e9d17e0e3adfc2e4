package ai.liberclaw.deploy.budget;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;

/**
 * The open calls of this server. Those that end together are settled in one statement, so that the
 * rows all of them count in are not locked once per call; those that run renew their leases in one.
 */
final class Settler implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Settler.class.getName());

  /** Calls of one statement. */
  private static final int BATCH_MAX = 500;

  private static final Duration STOP_MAX = Duration.ofSeconds(5);

  private final DSLContext sql;
  private final Clock clock;
  private final BudgetSettings settings;
  private final BudgetCounts counts;
  private final Map<UUID, Reservation> open = new ConcurrentHashMap<>();

  /** Bounded by the calls that are open. */
  private final BlockingQueue<Ending> endings = new LinkedBlockingQueue<>();

  private final Thread thread = Thread.ofVirtual().name("budget-settler").unstarted(this::loop);

  /** How a call ended. */
  record Ending(
      Reservation call, long requests, TokenUsage usage, long nanodollars, CountDownLatch written) {
    Ending(Reservation call, long requests, TokenUsage usage, long nanodollars) {
      this(call, requests, usage, nanodollars, new CountDownLatch(1));
    }
  }

  Settler(DSLContext sql, Clock clock, BudgetSettings settings, BudgetCounts counts) {
    this.sql = sql;
    this.clock = clock;
    this.settings = settings;
    this.counts = counts;
  }

  void start() {
    thread.start();
  }

  void opened(Reservation call) {
    open.put(call.id(), call);
  }

  int openCalls() {
    return open.size();
  }

  /** Returns when it is written, or after the longest wait. */
  void end(Ending ending) {
    endings.add(ending);
    try {
      boolean _ = ending.written().await(settings.settleWait().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    try {
      while (true) {
        endings(clock.instant().plus(settings.flush()));
        flush();
      }
    } catch (InterruptedException _) {
      // Closed. What can't be settled now is settled by others when its lease lapses.
      List<Ending> rest = new ArrayList<>();
      endings.drainTo(rest);
      if (!rest.isEmpty()) {
        boolean _ = settled(rest);
      }
    }
  }

  /** Settles what ends until then. */
  private void endings(Instant until) throws InterruptedException {
    Duration left = settings.flush();
    while (left.isPositive()) {
      Ending first = endings.poll(left.toNanos(), TimeUnit.NANOSECONDS);
      if (first != null) {
        List<Ending> batch = new ArrayList<>();
        batch.add(first);
        endings.drainTo(batch, BATCH_MAX - 1);
        if (!settled(batch)) {
          endings.addAll(batch);
          Thread.sleep(settings.retry());
        }
      }
      left = Duration.between(clock.instant(), until);
    }
  }

  /** False when the database can't be written now. */
  private boolean settled(List<Ending> batch) {
    Set<UUID> known;
    try {
      known = BudgetStore.settle(sql, batch);
    } catch (DataAccessException e) {
      LOG.log(Level.WARNING, "budget.not_settled calls=" + batch.size(), e);
      return false;
    }
    for (Ending ending : batch) {
      open.remove(ending.call().id());
      if (known.contains(ending.call().id())) {
        counts.settled(ending.requests(), ending.usage(), ending.nanodollars());
      } else {
        counts.settledElsewhere();
        LOG.log(Level.WARNING, "budget.settled_elsewhere call=" + ending.call().id());
      }
      ending.written().countDown();
    }
    return true;
  }

  private void flush() {
    Instant until = clock.instant().plus(settings.lease());
    Iterator<Reservation> all = open.values().iterator();
    while (all.hasNext()) {
      List<Reservation> batch = new ArrayList<>();
      while (all.hasNext() && batch.size() < BATCH_MAX) {
        batch.add(all.next());
      }
      try {
        Set<UUID> known = BudgetStore.renew(sql, batch, until);
        for (Reservation call : batch) {
          if (!known.contains(call.id())) {
            call.lose();
          }
        }
      } catch (DataAccessException e) {
        LOG.log(Level.WARNING, "budget.not_flushed calls=" + batch.size(), e);
      }
    }
  }

  /** Settles what has ended. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      if (!thread.join(STOP_MAX)) {
        LOG.log(Level.WARNING, "budget.settler_not_ended");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
