package ai.liberclaw.agent.coding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodingRoutesTest {
  private static final String TASKS = "/runtime/coding-tasks";

  @TempDir Path folder;

  @Test
  void aTaskTellsHowItBeganWhatItDidAndHowItEnded() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      List<String> types;
      try (RawResponse stream = begin(agent, "one", "implement", TestAgent.bash("echo hi"))) {
        assertEquals("text/event-stream; charset=utf-8", stream.header("content-type").orElse(""));
        types = withoutKeepalives(stream.types());
      }
      assertEquals(
          List.of("coding_task.meta", "coding_task.started", "coding_task.checkpoint", "tool_use"),
          types.subList(0, 4));
      assertEquals(
          List.of("text", "coding_task.completed", "done"),
          types.subList(types.size() - 3, types.size()));

      try (RawResponse again = agent.get(TASKS + "/one/stream?deltas=false")) {
        assertEquals(types, withoutKeepalives(again.types()));
      }
      Await.until(
          "it is over",
          TestAgent.WAIT_MAX,
          () -> !json(agent, TASKS + "/one/active").path("active").asBoolean());
      JsonNode active = json(agent, TASKS + "/one/active");
      assertEquals("coding:one", active.path("chat_id").asText());
      assertEquals("done", active.path("status").asText());
      List<String> stored = new ArrayList<>();
      for (JsonNode event : json(agent, TASKS + "/one/events").path("events")) {
        stored.add(event.path("type").asText());
        assertTrue(event.path("created_at").asText().endsWith("+00:00"), event.toString());
      }
      List<String> told = new ArrayList<>(types.subList(1, types.size() - 2));
      told.addAll(List.of("done", "coding_task.completed"));
      assertEquals(told, stored);
    }
  }

  @Test
  void anInspectingTaskCannotChangeAnything() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      String write = "/tool write_file {\"path\":\"x\",\"content\":\"x\"}\n/tool list_dir";
      try (RawResponse stream = begin(agent, "look", "inspect", write)) {
        RawResponse.Event text = stream.until("text");
        assertTrue(text.content().contains("unknown tool 'write_file'"), text.content());
        assertTrue(text.content().contains("memory"), text.content());
      }
      // Nor can a later message to its chat.
      agent.sayToTheEnd("coding:look", write);
      assertFalse(Files.exists(agent.workspace().resolve("x")));
    }
  }

  @Test
  void aTaskIsCancelled() throws IOException {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse stream = begin(agent, "held", "implement", TestAgent.holding("held"))) {
      stream.until("tool_use");
      try (RawResponse cancelled = agent.request("DELETE", TASKS + "/held", "")) {
        assertEquals(
            "{\"task_id\":\"held\",\"chat_id\":\"coding:held\",\"cancelled\":true}",
            cancelled.text());
      }
      RawResponse.Event completed = stream.until("coding_task.completed");
      assertEquals("cancelled", completed.json().path("status").asText());
      Await.until(
          "it is known to be cancelled",
          TestAgent.WAIT_MAX,
          () -> json(agent, TASKS + "/held/active").path("status").asText().equals("cancelled"));
      try (RawResponse again = agent.request("DELETE", TASKS + "/held", "")) {
        assertFalse(again.json().path("cancelled").asBoolean());
      }
    }
  }

  @Test
  void aTaskGoesOnAfterARestart() throws IOException {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse stream = begin(agent, "held", "implement", TestAgent.holding("held"))) {
      stream.until("tool_use");
    }
    try (TestAgent agent = TestAgent.start(folder)) {
      try (RawResponse stream = agent.get(TASKS + "/held/stream")) {
        List<String> types = withoutKeepalives(stream.types());
        assertEquals("coding_task.meta", types.getFirst());
        assertEquals(
            List.of("coding_task.completed", "done"),
            types.subList(types.size() - 2, types.size()));
      }
      Await.until(
          "it is done",
          TestAgent.WAIT_MAX,
          () -> json(agent, TASKS + "/held/active").path("status").asText().equals("done"));
    }
  }

  @Test
  void whatIsNoTaskIsRefused() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      for (String body :
          List.of(
              "{}",
              "{\"task\":\" \"}",
              "{\"task\":\"t\",\"mode\":\"destroy\"}",
              "{\"task\":\"t\",\"task_id\":\"../x\"}")) {
        try (RawResponse answer = agent.request("POST", TASKS, body)) {
          assertEquals(422, answer.status(), body);
        }
      }
      for (String path : List.of("/active", "/stream", "/events")) {
        try (RawResponse answer = agent.get(TASKS + "/nobody" + path)) {
          assertEquals(404, answer.status());
          assertEquals("{\"error\":\"unknown coding task\"}", answer.text());
        }
      }
    }
  }

  private static RawResponse begin(TestAgent agent, String id, String mode, String task)
      throws IOException {
    ObjectNode body = Json.object().put("task_id", id).put("mode", mode).put("task", task);
    return agent.request("POST", TASKS, Json.write(body));
  }

  private static List<String> withoutKeepalives(List<String> types) {
    List<String> kept = new ArrayList<>(types);
    kept.removeIf("keepalive"::equals);
    return kept;
  }

  private static JsonNode json(TestAgent agent, String path) throws IOException {
    try (RawResponse response = agent.get(path)) {
      return response.json();
    }
  }
}
