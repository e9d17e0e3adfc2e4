package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a turn makes of what its model answers. */
final class LoopTest {
  @TempDir Path folder;

  private final ModelServer model = ModelServer.start();

  @AfterEach
  void theHistoryWasAlwaysValid() {
    model.close();
    assertEquals(List.of(), model.violations());
  }

  @Test
  void textAndCallsOfOneReplyAreShownAndSentBackInTheirOrder() throws IOException {
    model.enqueue(
        ModelAnswer.textAndCalls(
            "I look.",
            new ModelAnswer.Call("same", "list_dir", "{}"),
            new ModelAnswer.Call("same", "bash", "{\"command\":\"echo hi\"}"),
            new ModelAnswer.Call("", "nonsense", "not json")),
        ModelAnswer.text("Seen."));
    try (TestAgent agent = start(Map.of());
        RawResponse stream = agent.say("c", "look")) {
      List<Event> events = stream.events();
      assertEquals(
          List.of(
              "text",
              "tool_use",
              "tool_result",
              "tool_use",
              "tool_result",
              "tool_use",
              "tool_result",
              "text",
              "done"),
          types(events));
      assertEquals("not json", events.get(5).json().path("input").asText());
    }
    JsonNode messages = model.lastRequest().messages();
    int size = messages.size();
    assertTrue(messages.get(size - 2).path("content").asText().contains("hi\n"));
    assertEquals(
        "[error: unknown tool 'nonsense']", messages.get(size - 1).path("content").asText());
  }

  @Test
  void anEmptyReplyIsAskedForOnceMoreThenReported() throws IOException {
    model.enqueue(ModelAnswer.empty(), ModelAnswer.text("second try"));
    model.enqueue(ModelAnswer.empty(), ModelAnswer.empty());
    try (TestAgent agent = start(Map.of())) {
      try (RawResponse stream = agent.say("c", "one")) {
        assertEquals("second try", stream.until("text").content());
      }
      try (RawResponse stream = agent.say("c", "two")) {
        List<Event> events = stream.events();
        assertEquals(List.of("error", "done"), types(events));
        assertEquals("The model returned an empty response.", events.getFirst().content());
      }
      assertEquals(3, agent.history("c").size());
    }
    assertEquals(4, model.requests().size());
  }

  @Test
  void aFailedModelEndsTheTurnWithACodeAndTheNextMessageWorks() throws IOException {
    model.enqueue(ModelAnswer.error(401, "{\"error\":{\"message\":\"bad key a-key\"}}"));
    try (TestAgent agent = start(Map.of())) {
      try (RawResponse stream = agent.say("c", "one")) {
        List<Event> events = stream.events();
        assertEquals(List.of("error", "done"), types(events));
        assertEquals("inference_auth", events.getFirst().json().path("code").asText());
        assertFalse(events.getFirst().content().contains("a-key"));
      }
      try (RawResponse stream = agent.say("c", "two")) {
        assertEquals("You said: two", stream.until("text").content());
      }
      JsonNode history = agent.history("c");
      assertEquals(4, history.size());
      assertFalse(history.get(1).has("name"), "the failure is the assistant's word");
    }
  }

  @Test
  void aConversationTooLongForTheModelIsShortenedOnceAndSentAgain() throws IOException {
    model.enqueue(ModelAnswer.contextOverflow(), ModelAnswer.text("fits now"));
    model.enqueue(ModelAnswer.contextOverflow(), ModelAnswer.contextOverflow());
    try (TestAgent agent = start(Map.of())) {
      try (RawResponse stream = agent.say("c", "one")) {
        assertEquals("fits now", stream.until("text").content());
      }
      model.respond(_ -> ModelAnswer.contextOverflow());
      try (RawResponse stream = agent.say("c", "two")) {
        Event error = stream.until("error");
        assertEquals("context_overflow", error.json().path("code").asText());
      }
    }
  }

  @Test
  void theStepLimitIsSaidInAStoredText() throws IOException {
    model.respond(_ -> ModelAnswer.call("list_dir", "{}"));
    try (TestAgent agent = start(Map.of("MAX_TOOL_ITERATIONS", "3"))) {
      try (RawResponse stream = agent.say("c", "loop")) {
        List<Event> events = stream.events();
        assertEquals(
            List.of(
                "tool_use",
                "tool_result",
                "tool_use",
                "tool_result",
                "tool_use",
                "tool_result",
                "text",
                "done"),
            types(events));
        assertTrue(events.get(6).content().contains("limit of 3 steps"));
        assertTrue(events.get(6).content().contains("\"continue\""));
      }
      assertEquals(3, model.requests().size());
      JsonNode history = agent.history("c");
      assertTrue(history.get(history.size() - 1).path("content").asText().contains("limit of 3"));
      model.respond(_ -> ModelAnswer.text("went on"));
      try (RawResponse stream = agent.say("c", "continue")) {
        assertEquals("went on", stream.until("text").content());
      }
    }
  }

  @Test
  void piecesOfABrokenReplyAreNotPartOfTheText() throws IOException {
    model.enqueue(
        ModelAnswer.text("this one breaks off in its middle").with(ModelAnswer.Break.CUT, 3),
        ModelAnswer.text("whole"));
    try (TestAgent agent = start(Map.of("INFERENCE_RETRIES", "1"));
        RawResponse stream =
            agent.request(
                "POST", "/chat", Json.write(TestAgent.message("c", "x").put("deltas", true)))) {
      assertEquals("whole", stream.until("text").content());
      JsonNode history = agent.history("c");
      assertEquals("whole", history.get(1).path("content").asText());
    }
  }

  @Test
  void w1ATurnCancelledInItsToolsLeavesAHistoryThatTheModelAccepts() throws IOException {
    try (TestAgent agent = start(Map.of())) {
      String message = TestAgent.holding("h") + "\n" + TestAgent.bash("echo never > never");
      try (RawResponse stream = agent.say("c", message)) {
        stream.until("tool_use");
        agent.request("POST", "/chat/c/stop", "").close();
        assertEquals(List.of("error", "done"), stream.types());
      }
      try (RawResponse stream = agent.say("c", "go on")) {
        assertEquals("You said: go on", stream.until("text").content());
      }
      String sent = model.lastRequest().messages().toString();
      assertTrue(sent.contains("was stopped while it ran"), sent);
      assertTrue(sent.contains("was not run"), sent);
      assertFalse(Files.exists(agent.workspace().resolve("never")));
    }
  }

  /** A call as a model wrote it, and what it is told. */
  private record Written(String tool, String arguments, boolean error, String told) {}

  @Test
  void w34AModelIsToldWhatIsWrongWithItsCall() throws IOException {
    List<Written> table =
        List.of(
            new Written("bash", "{\"command\":\"echo ok\",\"timeout\":\"5\"}", false, "ok"),
            new Written(
                "bash",
                "{\"command\":\"echo ok\",\"timeout\":\"x\"}",
                true,
                "'timeout' must be an integer"),
            new Written("bash", "{\"timeout\":5}", true, "missing required 'command'"),
            new Written("read_file", "{\"path\":\"a.txt\",\"offset\":\"1\"}", false, "hello"),
            new Written("read_file", "{\"path\":[\"a.txt\"]}", true, "'path' must be a string"),
            new Written("read_file", "[1]", true, "must be a JSON object, not an array"),
            new Written("read_file", "\"x\"", true, "must be a JSON object, not a string"),
            new Written("read_file", "null", true, "must be a JSON object, not null"),
            new Written("read_file", "{\"path\":", true, "not valid JSON"),
            new Written("nonsense", "{}", true, "unknown tool 'nonsense'"));
    try (TestAgent agent = start(Map.of())) {
      Files.writeString(agent.workspace().resolve("a.txt"), "hello");
      for (Written call : table) {
        model.enqueue(ModelAnswer.call(call.tool(), call.arguments()), ModelAnswer.text("done"));
        try (RawResponse stream = agent.say("c", "go")) {
          assertEquals(call.arguments(), stream.until("tool_use").json().path("input").asText());
          JsonNode result = stream.until("tool_result").json();
          assertEquals(call.error(), result.path("is_error").asBoolean(), call.toString());
          assertTrue(result.path("content").asText().contains(call.told()), result.toString());
          assertEquals(List.of("text", "done"), stream.types());
        }
        String sent = model.lastRequest().lastMessage().path("content").asText();
        assertTrue(sent.contains(call.told()), sent);
      }
    }
  }

  @Test
  void aReaderThatNeverReadsHoldsNoTurnUp() throws IOException {
    String large = "0123456789abcdef".repeat(512 * 1024);
    model.enqueue(ModelAnswer.text(large).asJson());
    try (TestAgent agent = start(Map.of());
        RawResponse stalled = agent.say("c", "much")) {
      assertEquals(200, stalled.status());
      try (RawResponse next = agent.say("c", "next")) {
        assertEquals("You said: next", next.until("text").content());
      }
      assertEquals(large, stalled.until("text").content());
    }
  }

  @Test
  void aReaderThatStallsIsDroppedAndTheTurnGoesOn() throws Exception {
    model.enqueue(
        ModelAnswer.textAndCalls(
                "0123456789abcdef".repeat(512 * 1024),
                new ModelAnswer.Call("1", "bash", "{\"command\":\"echo on > on\"}"))
            .asJson(),
        ModelAnswer.text("The end."));
    Duration stallMax = Duration.ofMillis(300);
    try (TestAgent agent = TestAgent.start(folder, TestAgent.asking(model), stallMax);
        RawResponse stalled = agent.say("c", "much")) {
      assertEquals(200, stalled.status());
      // Handed out only once no reader is left that the text might still reach.
      JsonNode rows =
          Await.value(
              "the final text waits to be fetched",
              TestAgent.WAIT_MAX,
              () -> Optional.of(agent.pending("")).filter(found -> !found.isEmpty()));
      assertEquals("The end.", rows.get(0).path("content").asText());
      assertTrue(Files.exists(agent.workspace().resolve("on")));
    }
  }

  @Test
  void blankTextBesideACallIsNoPartOfTheNextText() throws IOException {
    model.enqueue(
        ModelAnswer.textAndCalls("\n\n", new ModelAnswer.Call("1", "list_dir", "{}")),
        ModelAnswer.text("a text of some length").withHeadPause(Duration.ofMillis(300)));
    try (TestAgent agent = start(Map.of());
        RawResponse post = agent.say("c", "look")) {
      post.until("tool_use");
      try (RawResponse joined = agent.stream("c", "?after=1")) {
        StringBuilder pieces = new StringBuilder();
        for (Event event : joined.events()) {
          if (event.type().equals("text_delta")) {
            pieces.append(event.content());
          }
        }
        assertEquals("a text of some length", pieces.toString());
      }
    }
  }

  private TestAgent start(Map<String, String> variables) throws IOException {
    Map<String, String> all = new HashMap<>(TestAgent.asking(model));
    all.putAll(variables);
    return TestAgent.start(folder, all);
  }

  private static List<String> types(List<Event> events) {
    return events.stream().map(Event::type).toList();
  }
}
