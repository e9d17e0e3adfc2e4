package ai.liberclaw.agent.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.StoredRows;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventRoutesTest {
  @TempDir Path folder;

  @Test
  void theChatsEventLogIsListedPageByPageAndGoesWithTheChat() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      agent.sayToTheEnd("a/b", TestAgent.bash("echo hi"));
      JsonNode all = events(agent, "");
      assertEquals("tool_use", all.path(0).path("type").asText());
      assertEquals("bash", all.path(0).path("payload").path("name").asText());
      assertEquals(1, all.path(0).path("id").asInt());
      assertTrue(
          all.path(0)
              .path("created_at")
              .asText()
              .matches("\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}\\.\\d{6}\\+00:00"));
      assertEquals("done", all.path(all.size() - 1).path("type").asText());
      JsonNode newest = events(agent, "?limit=1");
      assertEquals(all.path(all.size() - 1), newest.path(0));
      assertEquals(1, newest.size());
      assertEquals(all.path(1), events(agent, "?after_id=1&limit=1").path(0));
      assertEquals(0, events(agent, "?after_id=" + all.size()).size());
      for (String wrong : List.of("?limit=0", "?limit=1001", "?limit=x", "?after_id=-1")) {
        try (RawResponse response = agent.get("/chat/a%2Fb/events" + wrong)) {
          assertEquals(422, response.status(), wrong);
        }
      }
      try (RawResponse deleted = agent.request("DELETE", "/chat/a%2Fb", "")) {
        assertEquals(200, deleted.status());
      }
      assertEquals(0, events(agent, "").size());
    }
  }

  @Test
  void whatNoStreamCarriesStandsBetweenTheEventsOfItsTime() {
    try (StoredRows rows = new StoredRows(folder)) {
      RuntimeEventStore store =
          new RuntimeEventStore(rows.sql(), rows.commits(), text -> text.replace("key", "***"));
      rows.run(
          "insert into events (chat_id, seq, turn_id, type, json, created_at) values"
              + " ('c', 1, 't', 'text', '{}', 1000), ('c', 2, 't', 'done', '{}', 3000)");
      rows.run(
          "insert into runtime_events (chat_id, type, payload, created_at) values"
              + " ('c', 'first', '{}', '1970-01-01 00:00:00'),"
              + " ('c', 'between', 'no json', '1970-01-01T00:00:02.000000+00:00'),"
              + " ('other', 'foreign', '{}', '1970-01-01 00:00:02')");
      store.add("c", "last", Json.object().put("a", "key"));

      assertEquals("0:first 1:text 1:between 2:done 2:last", listed(store, Optional.empty(), 10));
      assertEquals("2:done 2:last", listed(store, Optional.empty(), 2));
      assertEquals("1:between 2:done 2:last", listed(store, Optional.of(1L), 10));
      assertEquals("2:last", listed(store, Optional.of(2L), 10));
      assertEquals("1:text", listed(store, Optional.of(0L), 1));
      assertEquals("2:done", listed(store, Optional.of(1L), 1));
      assertEquals(
          List.of("{\"a\":\"***\"}"),
          rows.values("select payload from runtime_events where type = 'last'"));
    }
  }

  @Test
  void aSkillThatWasReadIsAnEvent() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      agent.sayToTheEnd("a/b", "/tool read_file {\"path\":\"skills/weather/SKILL.md\"}");
      Await.until(
          "the skill is recorded",
          TestAgent.WAIT_MAX,
          () -> events(agent, "").toString().contains("\"skill.loaded\""));
      JsonNode last = events(agent, "?limit=1").path(0);
      assertEquals("weather", last.path("payload").path("skill").asText());
      assertEquals(1, last.path("runtime_id").asInt());
    }
  }

  private static String listed(RuntimeEventStore store, Optional<Long> after, int limit) {
    return String.join(
        " ",
        store.events("c", after, limit).stream()
            .map(event -> event.seq() + ":" + event.type())
            .toList());
  }

  private static JsonNode events(TestAgent agent, String query) throws IOException {
    try (RawResponse response = agent.get("/chat/a%2Fb/events" + query)) {
      assertEquals(200, response.status());
      return response.json().path("events");
    }
  }
}
