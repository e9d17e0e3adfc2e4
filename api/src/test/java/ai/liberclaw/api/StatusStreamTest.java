package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The progress of a deployment as any of two servers streams it, whoever works on it. */
@ExtendWith(Postgres.Extension.class)
class StatusStreamTest {
  TestApi one;
  TestApi two;
  TestApi.Tokens ada;
  UUID agent;
  String path;

  @BeforeEach
  void start(Postgres postgres) throws Exception {
    one = TestApi.start(postgres, Map.of("LIBERCLAW_MAX_STREAMS_PER_USER", "2"));
    two = one.beside();
    ada = one.guest();
    try (StubAgent stub = new StubAgent()) {
      agent = one.adoptAgent(one.userId(ada), stub);
    }
    path = "/agents/" + agent + "/status/stream";
  }

  @AfterEach
  void stop() throws Exception {
    two.close();
    one.close();
  }

  @Test
  void d1EveryServerStreamsAJobThatAnotherWorksOnUntilItEnds() throws Exception {
    UUID job = begin(1);
    try (FeedReader first = FeedReader.open(one, path, ada.access());
        FeedReader second = FeedReader.open(two, path, ada.access())) {
      for (FeedReader reader : List.of(first, second)) {
        JsonNode status = reader.take().json();
        assertEquals("deploying", status.get("deployment_status").textValue());
        assertEquals(6, status.get("steps").size());
        assertEquals(agent.toString(), status.get("agent_id").textValue());
      }
      sql("update deployment_steps set status = 'active' where key = 'ssh'");
      for (FeedReader reader : List.of(first, second)) {
        assertEquals("active", reader.take().json().at("/steps/2/status").textValue());
      }
      // What changes nothing that is shown is no event, and silence is filled.
      sql("update deployment_steps set started_at = now() where key = 'ssh'");
      first.awaitPings(2);
      log(job, 1, "Zeile ü");
      for (FeedReader reader : List.of(first, second)) {
        assertEquals("Zeile ü", reader.take().json().at("/logs/0/message").textValue());
      }
      end(job, "failed");
      for (FeedReader reader : List.of(first, second)) {
        List<FeedReader.Event> last = reader.toTheEnd();
        assertEquals(1, last.size());
        assertEquals("failed", last.getFirst().json().get("deployment_status").textValue());
      }
    }
  }

  @Test
  void aJobThatIsReplacedIsFollowedAndOneOfADeletedAgentEnds() throws Exception {
    UUID job = begin(1);
    try (FeedReader reader = FeedReader.open(two, path, ada.access())) {
      reader.take();
      UUID next =
          one.sql()
              .transactionResult(tx -> {
                tx.dsl()
                    .execute(
                        "update deployments set status = 'cancelled' where id = {0}", DSL.val(job));
                return begin(tx.dsl(), 2);
              });
      log(next, 1, "The next one");
      assertEquals("The next one", reader.take().json().at("/logs/0/message").textValue());
      assertEquals(204, one.call("DELETE", "/agents/" + agent, ada.access(), null).statusCode());
      assertEquals(List.of(), reader.toTheEnd());
    }
  }

  @Test
  void c15TheLastRunIsKeptUntilTheNextBegins() throws Exception {
    UUID job = begin(1);
    log(job, 1, "It did not start");
    sql("update deployment_steps set status = 'failed', detail = 'why' where key = 'service'");
    end(job, "failed");
    // Long ago, and at a server that never saw it.
    sql("update deployments set ended_at = now() - interval '20 days'");
    for (int i = 0; i < 2; i++) {
      JsonNode status =
          Json.parse(two.call("GET", "/agents/" + agent + "/status", ada.access(), null).body());
      assertEquals("why", status.at("/steps/4/detail").textValue());
      assertEquals("It did not start", status.at("/logs/0/message").textValue());
    }
    try (FeedReader reader = FeedReader.open(two, path, ada.access())) {
      List<FeedReader.Event> all = reader.toTheEnd();
      assertEquals(1, all.size(), "nothing runs, so nothing more will come");
      assertEquals("why", all.getFirst().json().at("/steps/4/detail").textValue());
    }
    begin(2);
    JsonNode status =
        Json.parse(two.call("GET", "/agents/" + agent + "/status", ada.access(), null).body());
    assertEquals(0, status.get("logs").size());
    assertTrue(status.at("/steps/4/detail").isNull());
  }

  @Test
  void c14AStartingServerLeavesTheJobsOfOthersAlone() throws Exception {
    begin(1);
    try (TestApi third = one.beside()) {
      JsonNode status =
          Json.parse(third.call("GET", "/agents/" + agent + "/status", ada.access(), null).body());
      assertEquals("deploying", status.get("deployment_status").textValue());
      assertEquals(
          "running", one.sql().fetchSingle("select status from deployments").get(0, String.class));
    }
  }

  @Test
  void streamsCountForTheirUserAndEndWithTheServer() throws Exception {
    begin(1);
    List<FeedReader> readers = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        FeedReader reader = FeedReader.open(two, path, ada.access());
        readers.add(reader);
        reader.take();
      }
      assertEquals(429, two.call("GET", path, ada.access(), null).statusCode());
      // No connection of the pool is held, however many streams wait.
      assertEquals(
          0,
          one.sql()
              .fetch(
                  "select 1 from pg_stat_activity where datname = current_database()"
                      + " and state like 'idle in transaction%'")
              .size());
      Thread stopping = Thread.ofVirtual().start(two.server::close);
      for (FeedReader reader : readers) {
        assertEquals(List.of(), reader.toTheEnd());
        assertTrue(reader.retry >= 1000, "retry: " + reader.retry);
      }
      stopping.join();
    } finally {
      for (FeedReader reader : readers) {
        reader.close();
      }
    }
  }

  private UUID begin(int generation) {
    return begin(one.sql(), generation);
  }

  /** A job as its worker, some other server, has just begun it. */
  private UUID begin(DSLContext sql, int generation) {
    UUID job = UUID.randomUUID();
    sql.execute(
        "insert into deployments (id, agent_id, generation, kind, status, lease_owner, lease_until)"
            + " values ({0}, {1}, {2}, 'create', 'running', 'elsewhere', now() + interval '1 hour')",
        DSL.val(job), DSL.val(agent), DSL.val(generation));
    for (String key :
        List.of("provisioning", "allocation", "ssh", "environment", "service", "health")) {
      sql.execute(
          "insert into deployment_steps (deployment_id, key) values ({0}, {1})",
          DSL.val(job), DSL.val(key));
    }
    sql.execute("update agents set deployment_status = 'deploying' where id = {0}", DSL.val(agent));
    return job;
  }

  private void log(UUID job, int seq, String message) {
    one.sql()
        .execute(
            "insert into deployment_logs (deployment_id, seq, level, message)"
                + " values ({0}, {1}, 'error', {2})",
            DSL.val(job), DSL.val(seq), DSL.val(message));
  }

  private void end(UUID job, String status) {
    one.sql()
        .transaction(tx -> {
          tx.dsl()
              .execute(
                  "update agents set deployment_status = {0} where id = {1}",
                  DSL.val(status), DSL.val(agent));
          tx.dsl()
              .execute(
                  "update deployments set status = {0}, ended_at = now() where id = {1}",
                  DSL.val(status), DSL.val(job));
        });
  }

  private void sql(String statement) {
    one.sql().execute(statement);
  }
}
