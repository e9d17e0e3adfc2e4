package ai.liberclaw.agent.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People are asked about calls, and their answers are followed. */
final class ApprovalTest {
  private static final Pattern LINES =
      Pattern.compile("((id: [1-9][0-9]*\n)?data: \\{\"type\":[\\x20-\\x7e]*\\}\n\n)+");

  @TempDir Path folder;

  private final ModelServer model = ModelServer.start();

  @AfterEach
  void theHistoryWasAlwaysValid() {
    model.close();
    assertEquals(List.of(), model.violations());
  }

  @Test
  void aCallThatAsksPausesTheTurnUntilSomebodyAllowsIt() throws IOException {
    try (TestAgent agent = start(Map.of())) {
      Asking client = new Asking(agent.port());
      try (RawResponse stream = client.say("c", Asking.RISKY)) {
        Event use = stream.until("tool_use");
        Event asked = stream.event().orElseThrow();
        assertEquals("approval_required", asked.type());
        assertEquals(use.seq() + 1, asked.seq());
        String id = asked.json().path("approval_id").asText();
        assertEquals("bash", asked.json().path("tool").asText());
        assertEquals(use.json().path("input"), asked.json().path("input"));
        assertEquals("it lists the environment variables", asked.json().path("reason").asText());
        long waits = asked.json().path("expires_at").asLong() - System.currentTimeMillis();
        assertTrue(waits > 890_000 && waits <= 900_000, "waits " + waits);

        assertTrue(agent.get("/chat/c/active").json().path("active").asBoolean());
        JsonNode open = client.list("?chat_id=c").path("approvals");
        assertEquals(1, open.size());
        assertEquals(id, open.get(0).path("id").asText());
        assertEquals("pending", open.get(0).path("status").asText());
        assertEquals(use.json().path("input"), open.get(0).path("input"));
        assertEquals(0, client.list("?chat_id=d").path("approvals").size());
        assertFalse(Files.exists(effect()));

        client.expect(404, "nobody", "once");
        client.expect(422, id, "perhaps");
        client.expect(200, id, "once");
        client.expect(409, id, "deny");
        List<Event> rest = stream.events();
        assertEquals(
            List.of("approval_resolved", "tool_result", "text", "done"), Asking.types(rest));
        assertEquals("once", rest.getFirst().json().path("decision").asText());
        assertEquals(id, rest.getFirst().json().path("approval_id").asText());
        assertEquals("ran", Files.readString(effect()).strip());
      }
      assertEquals(0, client.list("").path("approvals").size());
      JsonNode decided = client.list("?status=all").path("approvals").get(0);
      assertEquals("once", decided.path("status").asText());
      assertEquals("user:ada", decided.path("decided_by").asText());
      assertTrue(decided.path("decided_at").asLong() >= decided.path("created_at").asLong());
      assertEquals(422, client.request("GET", "/approvals?status=some", "").status());
    }
  }

  @Test
  void questionsAnswersAndResultsAreLinesOfAscii() throws IOException {
    try (TestAgent agent = start(Map.of("TOOL_POLICY", "ask-before-shell"))) {
      Asking client = new Asking(agent.port());
      try (RawResponse stream =
          client.say("c", TestAgent.bash("echo caf\u00e9 \u2028 \ud83d\ude00"))) {
        client.answer(stream, "once");
        stream.until("done");
      }
      try (RawResponse replay = agent.stream("c", "?after=0&deltas=false")) {
        String bytes = replay.text();
        assertTrue(LINES.matcher(bytes).matches(), bytes);
        assertTrue(bytes.split("caf\\\\u00E9 \\\\u2028", -1).length > 4, bytes);
      }
    }
  }

  @Test
  void whoeverCannotBeAskedGetsARefusal() throws IOException {
    try (TestAgent agent = start(Map.of());
        RawResponse stream = agent.say("c", Asking.RISKY)) {
      List<Event> events = stream.events();
      assertEquals(List.of("tool_use", "tool_result", "text", "done"), Asking.types(events));
      assertEquals("[blocked: it lists the environment variables]", events.get(1).content());
      assertTrue(events.get(1).json().path("is_error").asBoolean());
      assertFalse(Files.exists(effect()));
    }
  }

  @Test
  void aDecisionCoversWhatItSays() throws IOException {
    String twice = Asking.RISKY + "\n" + Asking.RISKY.replace("ran", "again");
    try (TestAgent agent = start(Map.of())) {
      Asking client = new Asking(agent.port());
      try (RawResponse stream = client.say("deny", twice)) {
        client.answer(stream, "deny");
        assertTrue(stream.until("tool_result").content().contains("said no"));
        client.answer(stream, "once");
        assertTrue(stream.until("tool_result").content().contains("[exit code: 0]"));
        stream.until("done");
      }
      assertEquals(1, effects());
      String other = "\n" + TestAgent.bash("cat .env");
      try (RawResponse stream = client.say("turn", twice + other)) {
        client.answer(stream, "turn");
        stream.until("tool_result");
        assertEquals("tool_use", stream.event().orElseThrow().type());
        assertEquals("tool_result", stream.event().orElseThrow().type());
        // It would be asked about for another reason.
        client.answer(stream, "deny");
        stream.until("done");
      }
      assertEquals(3, effects());
      try (RawResponse stream = client.say("turn", twice)) {
        // The turn that it was given for is over.
        client.answer(stream, "always");
        client.answer(stream, "deny");
        stream.until("done");
      }
      // From now on also for those who cannot be asked, and for no other arguments.
      try (RawResponse stream = agent.say("plain", twice)) {
        assertTrue(stream.until("tool_result").content().contains("[exit code: 0]"));
        assertTrue(stream.until("tool_result").content().startsWith("[blocked: "));
      }
      assertEquals(5, effects());
      JsonNode rules = client.list("/rules").path("rules");
      assertEquals(1, rules.size());
      JsonNode rule = rules.get(0);
      assertEquals("bash", rule.path("tool").asText());
      assertEquals("allow", rule.path("decision").asText());
      assertEquals("user:ada", rule.path("by").asText());
      assertEquals(
          "env > /dev/null; echo ran >> effect",
          Json.parse(rule.path("arguments").asText()).path("command").asText());
      String path = "/approvals/rules/" + rule.path("id").asText();
      assertEquals("{\"status\":\"ok\"}", client.request("DELETE", path, "").text());
      RawResponse gone = client.request("DELETE", path, "");
      assertEquals(404, gone.status());
      assertEquals("{\"error\":\"Rule not found\"}", gone.text());
      try (RawResponse stream = agent.say("plain", Asking.RISKY)) {
        assertTrue(stream.until("tool_result").content().startsWith("[blocked: "));
      }
    }
  }

  @Test
  void aYesForTheTurnIsNoneToAFurtherReason() throws IOException {
    String worse = Asking.RISKY.replace("; echo", "; cat .env; echo");
    String ruled = Asking.RISKY.replace("ran", "ruled");
    String rules = "[{\"tool\":\"bash\",\"match\":{\"command\":\"*ruled*\"},\"action\":\"ask\"}]";
    try (TestAgent agent = start(Map.of("TOOL_RULES", rules))) {
      Asking client = new Asking(agent.port());
      try (RawResponse stream =
          client.say("c", Asking.RISKY + "\n" + worse + "\n" + ruled + "\n" + Asking.RISKY)) {
        client.answer(stream, "turn");
        assertEquals(
            "it lists the environment variables, and it reads a .env file, which may hold secrets",
            reason(client, stream));
        assertEquals("rule 1 of the owner asks first", reason(client, stream));
        stream.until("done");
      }
      assertEquals(2, effects());
    }
  }

  /** Of the next question, which is answered with a no. */
  private static String reason(Asking client, RawResponse stream) throws IOException {
    Event asked = stream.until("approval_required");
    client.expect(200, asked.json().path("approval_id").asText(), "deny");
    return asked.json().path("reason").asText();
  }

  @Test
  void aQuestionNobodyAnswersRunsOut() throws IOException {
    Map<String, String> impatient =
        Map.of("APPROVAL_TIMEOUT", "2", "TURN_TIMEOUT", "2", "KEEPALIVE_INTERVAL", "1");
    try (TestAgent agent = start(impatient);
        RawResponse stream = new Asking(agent.port()).say("c", Asking.RISKY)) {
      String id = stream.until("approval_required").json().path("approval_id").asText();
      assertEquals("keepalive", stream.event().orElseThrow().type());
      List<Event> rest = stream.events();
      // The wait was no part of the turn's own time, which is as short.
      assertEquals(List.of("approval_resolved", "tool_result", "text", "done"), Asking.types(rest));
      assertEquals("expired", rest.getFirst().json().path("decision").asText());
      assertTrue(rest.get(1).content().startsWith("[blocked: "), rest.get(1).content());
      new Asking(agent.port()).expect(409, id, "once");
      assertFalse(Files.exists(effect()));
    }
  }

  @Test
  void stopSupersedeAndDeleteWithdrawTheQuestion() throws IOException {
    try (TestAgent agent = start(Map.of("CHAT_CONCURRENCY", "supersede"))) {
      Asking client = new Asking(agent.port());
      for (String how : List.of("stop", "supersede", "delete")) {
        try (RawResponse stream = client.say(how, Asking.RISKY)) {
          Event asked = stream.until("approval_required");
          String path = "/chat/" + how;
          switch (how) {
            case "stop" -> client.request("POST", path + "/stop", "").close();
            case "delete" -> client.request("DELETE", path, "").close();
            default -> agent.sayToTheEnd(how, "newer");
          }
          List<Event> rest = stream.events();
          assertEquals(List.of("approval_resolved", "error", "done"), Asking.types(rest), how);
          assertEquals("cancelled", rest.getFirst().json().path("decision").asText());
          assertEquals("cancelled", rest.get(1).json().path("code").asText());
          client.expect(409, asked.json().path("approval_id").asText(), "once");
        }
      }
      assertFalse(Files.exists(effect()));
      assertEquals(0, client.list("").path("approvals").size());
    }
  }

  @Test
  void readOnlyCallsAroundOneThatAsksKeepTheirOrder() throws IOException {
    String rules = "[{\"tool\":\"list_dir\",\"match\":{\"path\":\"ask*\"},\"action\":\"ask\"}]";
    Files.createDirectories(TestAgent.workspace(folder).resolve("ask"));
    String message =
        """
        /tool list_dir {"path":"."}
        /tool list_dir {"path":"."}
        /tool list_dir {"path":"ask"}
        /tool list_dir {"path":"asked"}
        /tool list_dir {"path":"."}
        """;
    try (TestAgent agent = start(Map.of("TOOL_RULES", rules));
        RawResponse stream = new Asking(agent.port()).say("c", message)) {
      assertEquals("tool_use", stream.until("tool_use").type());
      Asking client = new Asking(agent.port());
      Event asked = stream.until("approval_required");
      assertEquals("rule 1 of the owner asks first", asked.json().path("reason").asText());
      client.expect(200, asked.json().path("approval_id").asText(), "once");
      assertEquals("(empty directory)", stream.until("tool_result").content());
      client.answer(stream, "deny");
      assertTrue(stream.until("tool_result").content().contains("said no"));
      assertEquals(List.of("tool_use", "tool_result", "text", "done"), stream.types());
      try (RawResponse replay = agent.stream("c", "?after=0&deltas=false")) {
        List<Event> all = replay.events();
        assertEquals(
            List.of("tool_use", "tool_use", "tool_result", "tool_result", "tool_use"),
            Asking.types(all.subList(1, 6)));
        for (int i = 1; i < all.size(); i++) {
          assertEquals(i, all.get(i).seq());
        }
      }
    }
  }

  private TestAgent start(Map<String, String> variables) throws IOException {
    Map<String, String> all = new HashMap<>(TestAgent.asking(model));
    all.putAll(variables);
    return TestAgent.start(folder, all);
  }

  private long effects() throws IOException {
    return Files.readAllLines(effect()).size();
  }

  private Path effect() {
    return TestAgent.workspace(folder).resolve("effect");
  }
}
