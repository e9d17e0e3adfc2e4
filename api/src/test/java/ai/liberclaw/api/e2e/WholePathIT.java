package ai.liberclaw.api.e2e;

import static ai.liberclaw.api.e2e.EventStream.ofType;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class WholePathIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  @Test
  void aGuestCreatesAnAgentTalksToItAndLeavesNothingBehind() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      JsonNode status = guest.get("/agents/" + agent + "/status");
      assertEquals(6, status.get("steps").size());
      status.get("steps").forEach(step -> assertEquals("done", step.get("status").textValue()));

      List<JsonNode> events;
      String message =
          """
          Make a report.
          /tool write_file {"path":"report.txt","content":"all is well"}
          /tool bash {"command":"cat report.txt; echo key=$LIBERTAI_API_KEY$AGENT_SECRET_HASH."}
          /tool send_file {"path":"report.txt","caption":"the report"}\
          """;
      try (EventStream stream =
          guest.chat(agent, Json.object().put("message", message).toString())) {
        events = stream.toEnd();
      }
      assertEquals(
          List.of("write_file", "bash", "send_file"),
          ofType(events, "tool_use").stream().map(e -> e.get("name").textValue()).toList());
      assertEquals("report.txt", ofType(events, "file").getFirst().get("path").textValue());
      assertEquals(1, ofType(events, "done").size());
      assertEquals("done", events.getLast().get("type").textValue());
      assertEquals(List.of(), ofType(events, "error"));

      String results =
          StreamSupport.stream(platform.model.lastRequest().messages().spliterator(), false)
              .filter(m -> m.get("role").textValue().equals("tool"))
              .map(m -> m.get("content").textValue())
              .reduce("", (a, b) -> a + "\n" + b);
      assertTrue(results.contains("Wrote 11 bytes to report.txt"), results);
      assertTrue(results.contains("all is wellkey=."), "no secret reaches a tool: " + results);
      assertTrue(results.contains("File sent to user: report.txt"), results);

      JsonNode history = guest.get("/chat/" + agent + "/history").get("messages");
      assertEquals(message, history.get(0).get("content").textValue());
      assertTrue(
          StreamSupport.stream(history.spliterator(), false)
              .anyMatch(m -> m.path("path").asText().equals("report.txt")));

      assertTrue(guest.get("/agents/" + agent + "/logs?lines=20").get("lines").size() > 0);

      for (long pid : platform.processes()) {
        assertFalse(Processes.arguments(pid).contains(Platform.MODEL_KEY));
      }
      Path home = platform.directory.resolve("data/agents").resolve(agent);
      assertTrue(Files.exists(home.resolve("workspace/report.txt")));

      assertEquals(204, guest.call("DELETE", "/agents/" + agent, null).statusCode());
      assertEquals(404, guest.call("GET", "/agents/" + agent, null).statusCode());
      assertEquals(404, guest.call("DELETE", "/agents/" + agent, null).statusCode());
      Await.until("the agent's directory is gone", SOON, () -> !Files.exists(home));
      Await.until("the agent's process is gone", SOON, () -> Processes.mentioning(agent).isEmpty());
      try (Rows rows = Rows.of(platform)) {
        for (String table : List.of("agents", "instances", "deployments", "deployment_steps")) {
          Await.until(table + " is empty", SOON, () -> rows.count(table) == 0);
        }
      }

      platform.stopApi();
      assertEquals(List.of(), platform.processes(), "nothing outlives an orderly stop");
    }
  }
}
