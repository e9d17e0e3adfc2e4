package ai.liberclaw.deploy.budget;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.exception.DataAccessException;

/** A server of its own process whose calls all run at once, and end in every way calls do. */
public final class SpendingServer {
  static final FernetKeys KEYS =
      FernetKeys.parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false);
  static final BudgetSettings QUICK =
      new BudgetSettings(
          Duration.ofSeconds(3),
          Duration.ofMillis(200),
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ofMillis(200));
  static final ClusterTasks.Times TASKS =
      new ClusterTasks.Times(
          Duration.ofSeconds(3),
          Duration.ofMillis(200),
          new Backoff(Duration.ofMillis(100), Duration.ofMillis(500), 0.1));

  private static final Price PRICE = new Price(3, 1, 7, 11);
  private static final int ROUNDS = 4;

  private final Budgets budgets;
  private final Spender spender;
  private final AtomicInteger granted = new AtomicInteger();
  private final AtomicInteger denied = new AtomicInteger();

  private SpendingServer(Budgets budgets, Spender spender) {
    this.budgets = budgets;
    this.spender = spender;
  }

  /** Arguments: database URL, agent, owner, seed, calls at once. */
  public static void main(String[] args) throws Exception {
    try (PlatformDatabase database =
            PlatformDatabase.open(
                new PlatformDatabase.Settings(args[0], 8, Duration.ofSeconds(30)));
        Budgets budgets = new Budgets(database.dsl(), KEYS, Clock.systemUTC(), QUICK).start();
        ClusterTasks tasks = new ClusterTasks(database.dsl(), Clock.systemUTC(), TASKS)) {
      budgets.addTo(tasks);
      Spender spender = new Spender.Agent(UUID.fromString(args[1]), UUID.fromString(args[2]), 0);
      SpendingServer server = new SpendingServer(budgets, spender);
      System.out.println("started");
      List<Thread> calls = new ArrayList<>();
      for (int i = 0; i < Integer.parseInt(args[4]); i++) {
        Random random = new Random(Long.parseLong(args[3]) + i);
        calls.add(Thread.ofVirtual().start(() -> server.call(random)));
      }
      for (Thread call : calls) {
        call.join();
      }
      System.out.println("ended granted=" + server.granted + " denied=" + server.denied);
    }
  }

  private void call(Random random) {
    try {
      for (int round = 0; round < ROUNDS; round++) {
        long prompt = 1L + random.nextInt(100);
        long completion = 1L + random.nextInt(100);
        Ask ask =
            new Ask(
                spender,
                "m" + random.nextInt(2),
                Optional.of(PRICE),
                prompt,
                prompt / 2,
                completion,
                random.nextBoolean() ? completion : 0,
                false);
        switch (budgets.reserve(ask)) {
          case Denied _ -> denied.incrementAndGet();
          case Reservation reserved -> {
            granted.incrementAndGet();
            end(reserved, prompt, random);
          }
        }
        Thread.sleep(random.nextInt(200));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (DataAccessException e) {
      System.out.println("failed " + e.getMessage());
    }
  }

  private static void end(Reservation reserved, long prompt, Random random)
      throws InterruptedException {
    Thread.sleep(random.nextInt(400));
    switch (random.nextInt(5)) {
      case 0 -> reserved.release();
      // Cut: nobody said what it used.
      case 1 -> {
        reserved.streamed(random.nextInt(200));
        reserved.close();
      }
      // A stream that runs for a while.
      case 2 -> {
        for (int i = 0; i < 10; i++) {
          reserved.streamed(1);
          Thread.sleep(random.nextInt(150));
        }
        reserved.close();
      }
      default ->
          reserved.settle(
              new TokenUsage(
                  random.nextInt((int) prompt + 1),
                  random.nextInt(10),
                  random.nextInt((int) reserved.completionTokensMax() + 1)),
              PRICE);
    }
  }
}
