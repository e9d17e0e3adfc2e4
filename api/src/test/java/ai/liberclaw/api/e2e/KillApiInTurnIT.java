package ai.liberclaw.api.e2e;

import static ai.liberclaw.api.e2e.EventStream.ofType;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The api dies by SIGKILL while it passes a turn on; its reader finds the rest at the next one. */
class KillApiInTurnIT {
  @Test
  void aChatIsReadToItsEndWithNoEventMissingOrRepeated() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      List<Long> before = Platform.agentProcesses(agent);

      List<JsonNode> events = new ArrayList<>();
      String message =
          """
          /tool bash {"command":"echo one"}
          /tool bash {"command":"sleep 4; echo two"}
          /tool bash {"command":"echo three"}\
          """;
      try (EventStream stream =
          guest.chat(agent, Json.object().put("message", message).put("deltas", true).toString())) {
        stream.await(e -> e.path("input").asText().contains("sleep"));
        platform.killApi();
        events.addAll(stream.toEnd());
      }
      assertEquals(List.of(), ofType(events, "done"), "the stream was cut, not ended");
      platform.startApi();
      long last = events.stream().mapToLong(e -> e.path("seq").asLong()).max().orElseThrow();
      try (EventStream stream = guest.resume(agent, last)) {
        events.addAll(stream.toEnd());
      }

      List<Long> numbers =
          events.stream().filter(e -> e.has("seq")).map(e -> e.get("seq").asLong()).toList();
      assertEquals(
          LongStream.rangeClosed(1, numbers.size()).boxed().toList(), numbers, events::toString);
      assertEquals(3, ofType(events, "tool_use").size());
      assertEquals(1, ofType(events, "done").size());
      assertEquals("done", events.getLast().get("type").textValue());
      assertEquals(
          before, Platform.agentProcesses(agent), "the agent was adopted, not started again");
      assertTrue(
          Json.parse(guest.call("GET", "/agents/" + agent + "/health", null).body())
              .get("healthy")
              .booleanValue());
    }
  }
}
