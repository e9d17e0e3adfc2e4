package ai.liberclaw.api.e2e;

import static ai.liberclaw.api.e2e.EventStream.ofType;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The agent dies by SIGKILL in the middle of a tool. */
class KillAgentIT {
  @Test
  void theInterruptedTurnGoesOnAndItsSideEffectHappenedOnce() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      Path effect =
          platform.directory.resolve("data/agents").resolve(agent).resolve("workspace/effect.txt");
      long pid = Platform.agentProcesses(agent).getFirst();

      String message =
          """
          /tool bash {"command":"echo once >> effect.txt; sleep 600"}
          /tool bash {"command":"echo after >> effect.txt"}\
          """;
      long seen;
      try (EventStream stream =
          guest.chat(agent, Json.object().put("message", message).put("deltas", true).toString())) {
        seen = stream.await(EventStream.type("tool_use")).get("seq").asLong();
        Await.until("the tool is at work", Duration.ofSeconds(10), () -> Files.exists(effect));
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        stream.toEnd();
      }

      Await.until(
          "the agent is back",
          Duration.ofSeconds(30),
          () ->
              Json.parse(guest.call("GET", "/agents/" + agent + "/health", null).body())
                  .get("healthy")
                  .booleanValue());
      assertNotEquals(List.of(pid), Platform.agentProcesses(agent));
      List<JsonNode> rest;
      try (EventStream stream = guest.resume(agent, seen)) {
        rest = stream.toEnd();
      }
      assertEquals("done", rest.getLast().get("type").textValue());
      assertEquals(List.of(), ofType(rest, "error"), rest::toString);
      assertEquals(1, ofType(rest, "tool_use").size(), "the call not begun ran now");
      assertEquals("once\nafter\n", Files.readString(effect));
      String results = platform.model.lastRequest().body().toString();
      assertTrue(
          results.contains("may or may not"), "the model was told that it may have happened");

      try (EventStream stream =
          guest.chat(agent, Json.object().put("message", "Are you well?").toString())) {
        List<JsonNode> events = stream.toEnd();
        assertEquals(1, ofType(events, "text").size(), events::toString);
        assertEquals(List.of(), ofType(events, "error"));
      }
      assertEquals(List.of(), platform.model.violations(), "every history sent was valid");
    }
  }
}
