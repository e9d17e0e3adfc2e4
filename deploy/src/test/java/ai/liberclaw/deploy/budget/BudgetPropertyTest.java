package ai.liberclaw.deploy.budget;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jooq.DSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two servers share budgets, and one of them is killed. */
@ExtendWith(PlatformExtension.class)
class BudgetPropertyTest {
  private static final int CALLS = 100;
  private static final Duration LONG = Duration.ofSeconds(90);

  /**
   * Has the database note whenever more is spent and held back than a limit allows: that lasts for
   * moments alone, which nobody would see who only looks now and then.
   */
  private static final List<String> NOTING =
      List.of(
          "create table overspent (scope text, period text)",
          """
          create function note_overspent() returns trigger language plpgsql as $$
          begin
              insert into overspent
                  select new.scope, new.period from budget_limits l
                  where l.scope = new.scope and l.subject = new.subject and l.period = new.period
                      and (new.spent_nanodollars + new.reserved_nanodollars > l.nanodollars
                          or new.spent_tokens + new.reserved_tokens > l.tokens
                          or new.spent_requests + new.reserved_requests > l.requests);
              return null;
          end $$
          """,
          """
          create trigger overspent after insert or update on budgets
              for each row execute function note_overspent()
          """);

  private static final List<String> NOTING_NO_MORE =
      List.of(
          "drop trigger overspent on budgets",
          "drop function note_overspent",
          "drop table overspent");

  @TempDir Path folder;

  @Test
  @Timeout(180)
  void concurrentCallsOfTwoServersNeverOverspendThoughOneIsKilled(Platform platform)
      throws Exception {
    DSLContext sql = platform.database().dsl();
    UUID user = TestPlane.user(platform.database(), "free");
    UUID agent = UUID.randomUUID();
    sql.execute(
        "insert into agents (id, owner_id, name, system_prompt) values ({0}, {1}, 'a', '')",
        val(agent), val(user));
    // 50 calls, or the money or the tokens of about as many, whichever ends first in each scope.
    sql.execute(
        """
        insert into budget_limits (scope, subject, period, nanodollars, tokens, requests) values
            ('agent', {0}, 'day', null, null, 50), ('user', {1}, 'day', 25000, null, null),
            ('tier', 'free', 'month', null, 5000, null), ('site', '', 'month', 24000, 5100, 60)
        """,
        val(agent.toString()), val(user.toString()));
    long seed = ThreadLocalRandom.current().nextLong(1_000_000);
    NOTING.forEach(sql::execute);
    Process killed = server(platform, agent, user, seed, "killed");
    Process other = server(platform, agent, user, seed + CALLS, "other");
    try {
      Await.until(
          "calls run",
          LONG,
          () -> {
            within(sql, seed);
            return log("killed").contains("started")
                && log("other").contains("started")
                && count(sql, "select count(*) from model_calls") > 10;
          });
      killed.destroyForcibly();
      Await.until(
          "the other server has ended",
          LONG,
          () -> {
            within(sql, seed);
            return !other.isAlive();
          });
      assertTrue(log("other").contains("ended granted="), () -> log("other"));
      assertTrue(!log("other").contains("failed"), () -> log("other"));
    } finally {
      killed.destroyForcibly();
      other.destroyForcibly();
    }
    settleTheRest(platform);
    within(sql, seed);
    NOTING_NO_MORE.forEach(sql::execute);
    assertEquals(
        List.of(),
        sql.fetch(
                """
                select scope from budgets
                where reserved_nanodollars <> 0 or reserved_tokens <> 0 or reserved_requests <> 0
                """)
            .getValues(0));
    // Every scope has counted the same, and the meters too.
    assertEquals(
        List.of(spent(sql)),
        sql.fetchValues(
            "select distinct spent_nanodollars || ' ' || spent_tokens || ' ' || spent_requests from"
                + " budgets"));
    assertTrue(count(sql, "select sum(requests) from model_usage") > 5);
  }

  private static String spent(DSLContext sql) {
    return sql.fetchSingle(
            """
            select sum(nanodollars) || ' ' || sum(prompt_tokens + completion_tokens) || ' ' || sum(requests)
            from model_usage
            """)
        .get(0, String.class);
  }

  private static void within(DSLContext sql, long seed) {
    assertEquals(
        List.of(),
        sql.fetchValues("select distinct scope || ' ' || period from overspent"),
        () -> "seed " + seed);
  }

  private static long count(DSLContext sql, String query) {
    return sql.fetchSingle(query).get(0, Long.class);
  }

  private static void settleTheRest(Platform platform) {
    DSLContext sql = platform.database().dsl();
    try (Budgets budgets =
            new Budgets(sql, SpendingServer.KEYS, Clock.systemUTC(), SpendingServer.QUICK).start();
        var tasks = new ClusterTasks(sql, Clock.systemUTC(), SpendingServer.TASKS)) {
      budgets.addTo(tasks);
      Await.until(
          "all calls are settled", LONG, () -> count(sql, "select count(*) from model_calls") == 0);
    }
  }

  private Process server(Platform platform, UUID agent, UUID user, long seed, String name)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx200m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            SpendingServer.class.getName(),
            platform.url(),
            agent.toString(),
            user.toString(),
            String.valueOf(seed),
            String.valueOf(CALLS))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name).toFile())
        .start();
  }

  private String log(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
