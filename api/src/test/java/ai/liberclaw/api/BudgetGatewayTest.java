package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.budget.Limit;
import ai.liberclaw.deploy.budget.LimitTarget;
import ai.liberclaw.deploy.budget.Limits;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.process.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.DSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The budget as agents meet it: through the gateways of two servers, one of which is killed. */
@ExtendWith(Postgres.Extension.class)
class BudgetGatewayTest {
  private static final int CALLS = 200;
  private static final int AGENTS = 20;
  private static final int BUDGET = 50;
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ConcurrentSkipListMap<String, AtomicInteger> outcomes =
      new ConcurrentSkipListMap<>();

  @Test
  @Timeout(300)
  void twoHundredCallsNeverSpendMoreThanABudgetOfFifty(Postgres postgres) throws Exception {
    long seed = ThreadLocalRandom.current().nextLong(1_000_000);
    try (TestGateway gateway = new TestGateway(postgres)) {
      DSLContext sql = gateway.api.sql();
      gateway.model.respond(_ -> answer());
      gateway.second.respond(_ -> answer());
      new Limits(sql)
          .set(new LimitTarget.User(gateway.owner), Limit.parse(BUDGET + " requests/day"));
      new Limits(sql).set(new LimitTarget.Site(), Limit.parse("0.2 USD/day, 100000 tokens/month"));
      List<String> tokens = new ArrayList<>();
      for (int i = 0; i < AGENTS; i++) {
        tokens.add(gateway.token(gateway.api.adoptAgent(gateway.owner, "http://127.0.0.1:9"), 0));
      }
      int port = ServerProcess.freePort();
      Process killed = server(gateway.api, port);
      try {
        URI other = URI.create("http://127.0.0.1:" + port + "/api/v1");
        Await.until("the other server listens", LONG, () -> healthy(other));
        URI own = gateway.api.uri("");
        List<Thread> calls = new ArrayList<>();
        // Seeds in a row would begin alike, and all calls with them.
        Random seeds = new Random(seed);
        for (int i = 0; i < CALLS; i++) {
          Random random = new Random(seeds.nextLong());
          String token = tokens.get(i % AGENTS);
          URI server = i % 2 == 0 ? own : other;
          calls.add(Thread.ofVirtual().start(() -> call(server, token, random)));
        }
        Await.until(
            "calls run on both",
            LONG,
            () -> {
              within(sql, seed);
              return count(sql, "select coalesce(sum(requests), 0) from model_usage") >= 5;
            });
        killed.destroyForcibly();
        Await.until(
            "all calls have ended",
            LONG,
            () -> {
              within(sql, seed);
              return calls.stream().noneMatch(Thread::isAlive);
            });
      } finally {
        killed.destroyForcibly();
        killed.waitFor();
      }
      // What nobody renews is of the server that died: its leases run out now, not in a minute.
      Await.until(
          "all calls are settled",
          LONG,
          () -> {
            sql.execute(
                """
                update model_calls set lease_until = now()
                where lease_until between now() and now() + interval '45 seconds'
                """);
            return count(sql, "select count(*) from model_calls") == 0;
          });
      within(sql, seed);
      assertEquals(
          0L,
          count(
              sql,
              "select sum(reserved_nanodollars + reserved_tokens + reserved_requests) from"
                  + " budgets"));
      assertEquals(
          count(sql, "select sum(requests) from model_usage"),
          count(sql, "select spent_requests from budgets where scope = 'site' and period = 'day'"));
      assertTrue(outcomes.containsKey("402"), () -> "seed " + seed + " " + new TreeMap<>(outcomes));
      assertTrue(outcomes.containsKey("200"), () -> "seed " + seed + " " + new TreeMap<>(outcomes));
    }
  }

  private static ModelAnswer answer() {
    Random random = ThreadLocalRandom.current();
    return switch (random.nextInt(6)) {
      case 0 -> ModelAnswer.error(500, "{\"error\":{\"message\":\"broken\"}}");
      case 1 -> ModelAnswer.text("some text that is cut").with(ModelAnswer.Break.CUT, 2);
      case 2 ->
          ModelAnswer.text("some text that comes slowly").withChunkPause(Duration.ofMillis(150));
      default ->
          ModelAnswer.text("some text").withHeadPause(Duration.ofMillis(random.nextInt(300)));
    };
  }

  private void call(URI server, String token, Random random) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + "/inference/v1/chat/completions"))
            .timeout(Duration.ofMillis(random.nextInt(4) == 0 ? 250 : 60_000))
            .header("Authorization", "Bearer " + token)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    Json.write(
                        TestGateway.chat("hello")
                            .put("stream", random.nextBoolean())
                            .put("max_tokens", 100))));
    String outcome;
    try {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      outcome = String.valueOf(answer.statusCode());
      if (answer.statusCode() == 402) {
        assertTrue(
            Json.parse(answer.body()).get("error").get("message").asText().contains("budget"));
      }
    } catch (IOException _) {
      outcome = "cut";
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return;
    }
    outcomes.computeIfAbsent(outcome, _ -> new AtomicInteger()).incrementAndGet();
  }

  private boolean healthy(URI server) {
    try {
      return http.send(
                  HttpRequest.newBuilder(URI.create(server + "/health")).build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void within(DSLContext sql, long seed) {
    assertEquals(
        List.of(),
        sql.fetch(
                """
                select b.scope || ' ' || b.period from budgets b
                    join budget_limits l on l.scope = b.scope and l.subject = b.subject and l.period = b.period
                        and not l.configured
                where b.spent_nanodollars + b.reserved_nanodollars > l.nanodollars
                    or b.spent_tokens + b.reserved_tokens > l.tokens
                    or b.spent_requests + b.reserved_requests > l.requests
                """)
            .getValues(0),
        () -> "seed " + seed);
  }

  private static long count(DSLContext sql, String query) {
    return sql.fetchSingle(query).get(0, Long.class);
  }

  /** Another server of the same installation, of its own process. */
  private Process server(TestApi api, int port) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx300m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile());
    builder.environment().putAll(api.environment());
    builder.environment().put("PORT", String.valueOf(port));
    builder.environment().put("LIBERCLAW_DATA_DIR", folder.resolve("data").toString());
    return builder.start();
  }
}
