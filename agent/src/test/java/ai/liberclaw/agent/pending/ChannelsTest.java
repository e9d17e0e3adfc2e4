package ai.liberclaw.agent.pending;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.StoredRows;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.agent.pending.PendingStore.Pending;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several front ends that read one queue, each at its own pace. */
final class ChannelsTest {
  @TempDir Path folder;

  @Test
  void w9AChannelReadsWithoutTakingAwayUntilItAcknowledges() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      leave(agent, "('a', 'one', 'heartbeat'), ('b', 'two', 'cron'), ('a', 'three', 'subagent')");
      assertEquals(List.of("one", "two", "three"), channel(agent, "platform", ""));
      assertEquals(List.of("one", "three"), channel(agent, "platform", "?chat_id=a"));
      assertEquals(3, count(agent, "?channel=platform"));
      assertEquals(1, count(agent, "?channel=platform&chat_id=b"));

      assertEquals(2, acknowledge(agent, "platform", 2));
      assertEquals(List.of("three"), channel(agent, "platform", ""));
      assertEquals(1, count(agent, "?channel=platform"));
      assertEquals(2, acknowledge(agent, "platform", 1), "never back");
      assertEquals(List.of("one", "two", "three"), channel(agent, "an%2Fother", ""));

      assertEquals(3, count(agent, ""));
      assertEquals(3, agent.pending("").size());
      assertEquals(0, count(agent, ""));
      assertEquals(List.of(), channel(agent, "platform", ""));
    }
  }

  @Test
  void aRowOfAChannelHasItsId() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      leave(agent, "('a', 'one', 'heartbeat')");
      try (RawResponse response = agent.get("/pending/channel/platform")) {
        JsonNode body = response.json();
        assertEquals("platform", body.path("channel").asText());
        JsonNode row = body.path("messages").path(0);
        List<String> fields = new ArrayList<>();
        row.fieldNames().forEachRemaining(fields::add);
        assertEquals(List.of("id", "chat_id", "content", "source", "created_at"), fields);
        assertEquals(1, row.path("id").asInt());
      }
    }
  }

  @Test
  void eventsOfSubagentsAreForChannelsAlone() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      leave(agent, "('a', '{}', 'subagent_event'), ('a', 'text', 'subagent')");
      assertEquals(1, count(agent, ""));
      assertEquals(2, count(agent, "?channel=platform"));
      assertEquals("text", agent.pending("").path(0).path("content").asText());
      assertEquals(List.of("{}"), channel(agent, "platform", ""));
    }
  }

  @Test
  void aFaultyAcknowledgementIsRefused() throws Exception {
    Map<String, String> faults =
        Map.of(
            "{\"up_to_id\":1}", "missing channel",
            "{\"channel\":\"\",\"up_to_id\":1}", "string_too_short channel",
            "{\"channel\":\"c\"}", "missing up_to_id",
            "{\"channel\":\"c\",\"up_to_id\":\"x\"}", "int_type up_to_id",
            "{\"channel\":\"c\",\"up_to_id\":1.5}", "int_type up_to_id",
            "{\"channel\":\"c\",\"up_to_id\":-1}", "greater_than_equal up_to_id");
    try (TestAgent agent = TestAgent.start(folder)) {
      for (Map.Entry<String, String> fault : faults.entrySet()) {
        try (RawResponse response = agent.request("POST", "/pending/ack", fault.getKey())) {
          assertEquals(422, response.status(), fault.getKey());
          JsonNode first = response.json().path("detail").path(0);
          String found = first.path("type").asText() + " " + first.path("loc").path(1).asText();
          assertEquals(fault.getValue(), found, fault.getKey());
        }
      }
    }
  }

  @Test
  void acknowledgedRowsGoToTheArchiveAfterAWeek() {
    try (StoredRows rows = new StoredRows(folder)) {
      PendingStore store = new PendingStore(rows.sql(), rows.commits());
      rows.run(
          "insert into pending_messages (chat_id, content, created_at) values"
              + " ('a', 'old', datetime('now', '-8 days')), ('a', 'new', datetime('now')),"
              + " ('a', 'old, not passed', datetime('now', '-8 days'))");
      assertEquals(2, store.acknowledge("c", 2));
      assertEquals(
          List.of("new", "old, not passed"), rows.values("select content from pending_messages"));
      assertEquals(List.of("old"), rows.values("select content from pending_archive"));
    }
  }

  @Test
  void aTextThatIsOnItsWayToAReaderIsNotSkipped() {
    try (StoredRows rows = new StoredRows(folder)) {
      PendingStore store = new PendingStore(rows.sql(), rows.commits());
      rows.run("insert into events values ('a', 7, 't', 'done', '{}', 0)");
      rows.run(
          "insert into pending_messages (chat_id, content, turn_id) values"
              + " ('b', 'before', null), ('a', 'on its way', 't'), ('b', 'after', null)");
      assertEquals(
          List.of("before"), contents(store.above("c", Optional.empty(), Map.of("a", 6L))));
      assertEquals(2, store.count(Optional.of("c"), Optional.empty(), Map.of("a", 6L)));
      assertEquals(3, store.above("c", Optional.empty(), Map.of("a", 7L)).size());
      assertEquals(
          List.of("before", "after"), contents(store.take(Optional.empty(), Map.of("a", 6L))));
    }
  }

  private static List<String> contents(List<Pending> rows) {
    return rows.stream().map(Pending::content).toList();
  }

  private static List<String> channel(TestAgent agent, String name, String query)
      throws IOException {
    try (RawResponse response = agent.get("/pending/channel/" + name + query)) {
      List<String> contents = new ArrayList<>();
      response.json().path("messages").forEach(row -> contents.add(row.path("content").asText()));
      return contents;
    }
  }

  private static int count(TestAgent agent, String query) throws IOException {
    try (RawResponse response = agent.get("/pending/count" + query)) {
      return response.json().path("count").asInt(-1);
    }
  }

  private static int acknowledge(TestAgent agent, String channel, long upToId) throws IOException {
    ObjectNode body = Json.object().put("channel", channel).put("up_to_id", upToId);
    try (RawResponse response = agent.request("POST", "/pending/ack", Json.write(body))) {
      JsonNode answer = response.json();
      assertEquals("ok", answer.path("status").asText());
      assertEquals(channel, answer.path("channel").asText());
      return answer.path("last_id").asInt();
    }
  }

  private static void leave(TestAgent agent, String rows) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + agent.database());
        Statement sql = connection.createStatement()) {
      sql.execute("pragma busy_timeout = 5000");
      sql.execute("insert into pending_messages (chat_id, content, source) values " + rows);
    }
  }
}
