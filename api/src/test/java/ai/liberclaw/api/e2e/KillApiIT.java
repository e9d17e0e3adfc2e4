package ai.liberclaw.api.e2e;

import static ai.liberclaw.api.e2e.EventStream.ofType;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The api dies by SIGKILL; what it had begun is finished by the next one. */
class KillApiIT {
  @Test
  void aDeploymentInProgressIsFinishedByTheNextProcess() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String early = guest.create("Early");
      platform.killApi();
      platform.startApi();
      guest.awaitRunning(early);

      String late = guest.create("Late");
      Await.until(
          "the agent's process is there",
          Duration.ofSeconds(30),
          () -> !Processes.mentioning(late).isEmpty());
      platform.killApi();
      platform.startApi();
      guest.awaitRunning(late);

      assertEquals(1, agentProcesses(early).size());
      assertEquals(1, agentProcesses(late).size());
      assertEquals(2, guest.get("/agents/").get("total").intValue());
    }
  }

  @Test
  void aChatIsReadToItsEndWithNoEventMissingOrRepeated() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      List<Long> before = agentProcesses(agent);

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
      assertEquals(before, agentProcesses(agent), "the agent was adopted, not started again");
      assertTrue(
          Json.parse(guest.call("GET", "/agents/" + agent + "/health", null).body())
              .get("healthy")
              .booleanValue());
    }
  }

  static List<Long> agentProcesses(String agent) {
    return Processes.mentioning(agent).stream()
        .filter(pid -> Processes.arguments(pid).contains("agent.jar"))
        .toList();
  }
}
