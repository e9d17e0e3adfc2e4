package ai.liberclaw.agent.subagent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubagentRoutesTest {
  @TempDir Path folder;

  @Test
  void runsAreListedShownAndStopped() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      ObjectNode spawn =
          Json.object()
              .put("task", TestAgent.holding("held"))
              .put("label", "holding on")
              .put("persona", "a patient one")
              .put("role", "worker");
      agent.sayToTheEnd("chat", "/tool spawn " + Json.write(spawn));

      JsonNode one = json(agent, "/subagents").path("subagents").path(0);
      assertEquals("holding on", one.path("label").asText());
      assertEquals("worker", one.path("role").asText());
      assertEquals("running", one.path("status").asText());
      assertEquals("chat", one.path("chat_id").asText());
      assertTrue(one.path("started_at").isDouble());
      assertTrue(one.path("completed_at").isNull() && one.path("result_preview").isNull());
      assertFalse(one.has("persona"));
      String path = "/subagents/" + one.path("id").asText();
      assertEquals("a patient one", json(agent, path).path("persona").asText());

      try (RawResponse stopped = agent.request("POST", path + "/stop", "")) {
        assertEquals(200, stopped.status());
        assertEquals("ok", stopped.json().path("status").asText());
      }
      Await.until(
          "it is cancelled",
          TestAgent.WAIT_MAX,
          () -> json(agent, path).path("status").asText().equals("cancelled"));
      try (RawResponse again = agent.request("POST", path + "/stop", "");
          RawResponse unknown = agent.get("/subagents/nobody")) {
        assertEquals(400, again.status());
        assertEquals(404, unknown.status());
        assertTrue(unknown.json().has("error"));
      }
    }
  }

  /** W-11: none is lost at a restart. */
  @Test
  void w11ARunGoesOnAfterARestartAndItsResultArrives() throws IOException {
    String task =
        Json.write(Json.object().put("task", TestAgent.holding("held")).put("label", "l"));
    try (TestAgent agent = TestAgent.start(folder)) {
      agent.sayToTheEnd("chat", "/tool spawn " + task);
      Await.until(
          "it works",
          TestAgent.WAIT_MAX,
          () -> Files.exists(agent.workspace().resolve("held.began")));
    }
    try (TestAgent agent = TestAgent.start(folder)) {
      Await.until(
          "its result is there",
          TestAgent.WAIT_MAX,
          () -> {
            List<String> sources = agent.pending("?chat_id=chat").findValuesAsText("source");
            return sources.contains("subagent");
          });
      Await.until(
          "it is completed",
          TestAgent.WAIT_MAX,
          () ->
              json(agent, "/subagents")
                  .path("subagents")
                  .path(0)
                  .path("status")
                  .asText()
                  .equals("completed"));
    }
  }

  /** W-11: a call that makes no sense is told to the subagent, which goes on. */
  @Test
  void w11AToolThatFailsDoesNotEndASubagent() throws IOException {
    try (ModelServer model = ModelServer.start();
        TestAgent agent = TestAgent.start(folder, TestAgent.asking(model))) {
      model.respond(body -> {
        JsonNode messages = body.path("messages");
        String last = messages.path(messages.size() - 1).path("content").asText();
        if (last.equals("go")) {
          return ModelAnswer.call("spawn", "{\"task\":\"work\",\"role\":\"explorer\"}");
        }
        if (last.equals("work")) {
          assertTrue(body.toString().contains("Your role in this is explorer"), body.toString());
          assertFalse(body.path("tools").toString().contains("\"bash\""));
          return ModelAnswer.call("read_file", "[1]");
        }
        return ModelAnswer.text(last.contains("JSON object") ? "went on" : "fine");
      });
      agent.sayToTheEnd("chat", "go");

      JsonNode run =
          Await.value(
              "it has ended",
              TestAgent.WAIT_MAX,
              () -> {
                JsonNode list = json(agent, "/subagents").path("subagents");
                return list.findValuesAsText("status").contains("completed")
                    ? Optional.of(list.path(0))
                    : Optional.empty();
              });
      assertEquals("went on", run.path("result_preview").asText());
      assertTrue(run.path("duration").asDouble() >= 0);
    }
  }

  private static JsonNode json(TestAgent agent, String path) throws IOException {
    try (RawResponse response = agent.get(path)) {
      return response.json();
    }
  }
}
