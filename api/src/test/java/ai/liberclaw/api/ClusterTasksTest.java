package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.cluster.LeaseLostException;
import ai.liberclaw.testkit.await.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.DSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two servers on one database: work is done once, and by nobody who lost the right to it. */
@ExtendWith(Postgres.Extension.class)
class ClusterTasksTest {
  private static final Duration PERIOD = Duration.ofHours(1);
  private static final ClusterTasks.Times QUICK =
      new ClusterTasks.Times(
          Duration.ofMillis(1500),
          Duration.ofMillis(50),
          new Backoff(Duration.ofMillis(20), Duration.ofMillis(20), 0));

  private final TestClock clock = new TestClock();
  private final AtomicInteger runs = new AtomicInteger();
  private PlatformDatabase one;
  private PlatformDatabase two;

  @BeforeEach
  void open(Postgres postgres) {
    String url = postgres.migratedDatabase();
    one = PlatformDatabase.open(url);
    two = PlatformDatabase.open(url);
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  private ClusterTasks tasks(PlatformDatabase database) {
    return new ClusterTasks(database.dsl(), clock, QUICK);
  }

  private Object row(String column) {
    return one.dsl().fetchValue("select " + column + " from cluster_tasks");
  }

  @Test
  void ofTwoServersOneDoesTheWorkOncePerPeriod() {
    try (ClusterTasks first = tasks(one);
        ClusterTasks second = tasks(two)) {
      for (ClusterTasks tasks : List.of(first, second)) {
        tasks.every("count", PERIOD, _ -> runs.incrementAndGet());
      }
      for (int period = 1; period <= 3; period++) {
        int expected = period;
        Await.until("period " + period, TestApi.DEADLINE, () -> runs.get() == expected);
        Await.until("it is noted", TestApi.DEADLINE, () -> row("lease_owner") == null);
        clock.advance(Duration.ofMinutes(30));
        List.of(first, second).forEach(ClusterTasks::wake);
        assertEquals(period, runs.get());
        clock.advance(Duration.ofMinutes(30).plusMillis(1));
        List.of(first, second).forEach(ClusterTasks::wake);
      }
    }
  }

  @Test
  void aLongRunKeepsItsLeaseByRenewal() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (ClusterTasks first = tasks(one);
        ClusterTasks second = tasks(two)) {
      first.every(
          "long",
          PERIOD,
          _ -> {
            runs.incrementAndGet();
            end.await();
          });
      Await.until("it runs", TestApi.DEADLINE, () -> runs.get() == 1);
      Object until = row("lease_until");
      second.every("long", PERIOD, _ -> runs.incrementAndGet());
      Await.until("renewed", TestApi.DEADLINE, () -> !row("lease_until").equals(until));
      second.wake();
      end.countDown();
      Await.until("done", TestApi.DEADLINE, () -> row("last_done_at") != null);
      second.wake();
      assertEquals(1, runs.get());
    }
  }

  @Test
  void whatADeadServerHeldIsTakenOverAfterItsLease() {
    one.dsl()
        .execute(
            "insert into cluster_tasks (name, lease_owner, lease_until)"
                + " values ('count', 'dead', now() + interval '1 minute')");
    try (ClusterTasks tasks = tasks(two)) {
      tasks.every("count", PERIOD, _ -> runs.incrementAndGet());
      tasks.wake();
      assertEquals(0, runs.get());
      clock.advance(Duration.ofMinutes(1));
      tasks.wake();
      Await.until("taken over", TestApi.DEADLINE, () -> runs.get() == 1);
    }
  }

  @Test
  void whoLostTheLeaseIsInterruptedAndMayNotWrite() throws Exception {
    CountDownLatch stolen = new CountDownLatch(1);
    AtomicBoolean fenced = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    DSLContext sql = one.dsl();
    try (ClusterTasks tasks = tasks(one)) {
      tasks.every(
          "steal",
          PERIOD,
          lease -> {
            sql.transaction(tx -> lease.hold(tx.dsl()));
            runs.incrementAndGet();
            try {
              stolen.await();
              new CountDownLatch(1).await();
            } catch (InterruptedException _) {
              interrupted.set(true);
            }
            try {
              sql.transaction(tx -> lease.hold(tx.dsl()));
            } catch (LeaseLostException e) {
              fenced.set(true);
              throw e;
            }
          });
      Await.until("it runs", TestApi.DEADLINE, () -> runs.get() == 1);
      two.dsl()
          .execute(
              "update cluster_tasks set lease_owner = 'thief',"
                  + " lease_until = now() + interval '1 hour'");
      stolen.countDown();
      Await.until("it may not write", TestApi.DEADLINE, fenced::get);
      assertTrue(interrupted.get());
      // Its end left the other's lease alone.
      tasks.wake();
      assertEquals("thief", row("lease_owner"));
      assertEquals(null, row("last_done_at"));
    }
  }

  @Test
  void workThatFailedIsTriedAgainLater() {
    try (ClusterTasks tasks = tasks(one)) {
      tasks.every(
          "fails",
          PERIOD,
          _ -> {
            if (runs.incrementAndGet() < 3) {
              throw new IllegalStateException("not yet");
            }
          });
      Await.until("the third went well", TestApi.DEADLINE, () -> row("last_done_at") != null);
      assertEquals(3, runs.get());
    }
  }

  @Test
  void aServerThatStopsLeavesItsWorkToOthersAtOnce() {
    AtomicBoolean interrupted = new AtomicBoolean();
    ClusterTasks first = tasks(one);
    first.every(
        "stop",
        PERIOD,
        _ -> {
          runs.incrementAndGet();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.set(true);
            throw e;
          }
        });
    Await.until("it runs", TestApi.DEADLINE, () -> runs.get() == 1);
    first.close();
    assertTrue(interrupted.get());
    try (ClusterTasks second = tasks(two)) {
      second.every("stop", PERIOD, _ -> runs.incrementAndGet());
      Await.until("the other does it", TestApi.DEADLINE, () -> runs.get() == 2);
    }
    assertFalse(Thread.currentThread().isInterrupted());
  }
}
