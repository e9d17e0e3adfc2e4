package ai.liberclaw.api.e2e;

import static ai.liberclaw.api.e2e.EventStream.ofType;
import static ai.liberclaw.api.e2e.EventStream.type;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An agent that asks before it runs commands, and an owner who answers by way of the api. */
class ApprovalIT {
  private static final int EXPIRY_SECONDS = 6;

  @Test
  void anOwnerAllowsAndDeniesAndAPausedTurnOutlivesTheApi() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      Path home = platform.directory.resolve("data/agents").resolve(agent);
      Path workspace = home.resolve("workspace");
      setPolicy(guest, agent, home, "");

      try (EventStream stream = guest.chat(agent, command("echo yes > allowed.txt"))) {
        JsonNode asked = stream.await(type("approval_required"));
        assertEquals("bash", asked.path("tool").asText());
        String id = asked.path("approval_id").asText();
        assertEquals(List.of(id), waiting(guest, agent));
        assertFalse(Files.exists(workspace.resolve("allowed.txt")));
        assertEquals(404, other(platform, agent, id).statusCode());
        HttpResponse<String> given = decide(guest, agent, id, "once");
        assertEquals("{\"status\":\"ok\"}", given.body());
        List<JsonNode> events = stream.toEnd();
        assertEquals("once", resolution(events));
        assertEquals(1, ofType(events, "tool_result").size(), events::toString);
        assertEquals("yes\n", Files.readString(workspace.resolve("allowed.txt")));
        HttpResponse<String> late = decide(guest, agent, id, "deny");
        assertEquals(409, late.statusCode());
        assertEquals("{\"detail\":\"Approval already decided or expired\"}", late.body());
      }
      assertEquals(List.of(), waiting(guest, agent));

      try (EventStream stream = guest.chat(agent, command("echo no > denied.txt"))) {
        String id = stream.await(type("approval_required")).path("approval_id").asText();
        assertEquals(200, decide(guest, agent, id, "deny").statusCode());
        assertEquals("deny", resolution(stream.toEnd()));
        assertFalse(Files.exists(workspace.resolve("denied.txt")));
      }

      // Whoever cannot ask is not asked.
      String plain = Json.object().put("message", "/tool bash {\"command\":\"id\"}").toString();
      try (EventStream stream = guest.chat(agent, plain)) {
        List<JsonNode> events = stream.toEnd();
        assertEquals(List.of(), ofType(events, "approval_required"), events::toString);
        assertEquals("done", events.getLast().path("type").asText());
      }

      String id;
      long seen;
      try (EventStream stream = guest.chat(agent, command("echo late > resumed.txt"))) {
        JsonNode asked = stream.await(type("approval_required"));
        id = asked.path("approval_id").asText();
        seen = asked.path("seq").asLong();
        platform.killApi();
      }
      platform.startApi();
      assertEquals(List.of(id), waiting(guest, agent));
      try (EventStream stream = guest.resume(agent, seen)) {
        assertEquals(200, decide(guest, agent, id, "once").statusCode());
        List<JsonNode> events = stream.toEnd();
        assertEquals("once", resolution(events));
        assertEquals(1, ofType(events, "done").size(), events::toString);
      }
      assertEquals("late\n", Files.readString(workspace.resolve("resumed.txt")));
    }
  }

  @Test
  void aQuestionNobodyAnswersRunsOut() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      Path home = platform.directory.resolve("data/agents").resolve(agent);
      setPolicy(guest, agent, home, "APPROVAL_TIMEOUT=" + EXPIRY_SECONDS + "\n");
      try (EventStream stream = guest.chat(agent, command("echo x > expired.txt"))) {
        String id = stream.await(type("approval_required")).path("approval_id").asText();
        assertEquals("expired", resolution(stream.toEnd()));
        assertEquals(409, decide(guest, agent, id, "once").statusCode());
        assertEquals(List.of(), waiting(guest, agent));
        assertFalse(Files.exists(home.resolve("workspace/expired.txt")));
      }
    }
  }

  /** An agent also reads a file beside its data; killed, it starts again with what stands there. */
  private static void setPolicy(Guest guest, String agent, Path home, String more)
      throws Exception {
    Files.writeString(home.resolve(".env"), "TOOL_POLICY=ask-before-shell\n" + more);
    long pid = Platform.agentProcesses(agent).getFirst();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    Await.until(
        "the agent is back",
        Duration.ofSeconds(30),
        () ->
            !Platform.agentProcesses(agent).contains(pid)
                && guest.get("/agents/" + agent + "/health").path("healthy").asBoolean());
  }

  private static String command(String command) {
    String call = "/tool bash " + Json.object().put("command", command);
    return Json.object().put("message", call).put("deltas", true).put("approvals", true).toString();
  }

  private static List<String> waiting(Guest guest, String agent) throws Exception {
    return guest.get("/chat/" + agent + "/approvals").findValuesAsText("id");
  }

  private static HttpResponse<String> decide(Guest guest, String agent, String id, String decision)
      throws Exception {
    return guest.call(
        "POST",
        "/chat/" + agent + "/approvals/" + id,
        Json.object().put("decision", decision).toString());
  }

  /** What somebody else gets who is signed in too. */
  private static HttpResponse<String> other(Platform platform, String agent, String id)
      throws Exception {
    return decide(Guest.signIn(platform), agent, id, "once");
  }

  private static String resolution(List<JsonNode> events) {
    List<JsonNode> resolved = ofType(events, "approval_resolved");
    assertEquals(1, resolved.size(), events::toString);
    assertTrue(events.getLast().path("type").asText().equals("done"), events::toString);
    return resolved.getFirst().path("decision").asText();
  }
}
