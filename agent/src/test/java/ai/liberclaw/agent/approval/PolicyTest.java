package ai.liberclaw.agent.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the owner forbids is neither offered nor done. */
final class PolicyTest {
  @TempDir Path folder;

  @Test
  void aForbiddenToolIsHiddenAndRefusedWhenCalledAnyway() throws IOException {
    Map<String, String> variables = new HashMap<>();
    try (ModelServer model = ModelServer.start()) {
      variables.putAll(TestAgent.asking(model));
      variables.put("TOOL_POLICY", "auto-read");
      variables.put("TOOL_DENYLIST", "web_fetch");
      model.enqueue(
          ModelAnswer.calls(
              new ModelAnswer.Call("1", "write_file", "{\"path\":\"a\",\"content\":\"b\"}"),
              new ModelAnswer.Call("2", "web_fetch", "not json"),
              new ModelAnswer.Call("3", "list_dir", "{}")),
          ModelAnswer.text("I see."));
      try (TestAgent agent = TestAgent.start(folder, variables);
          RawResponse stream = new Asking(agent.port()).say("c", "try")) {
        List<Event> events = stream.events();
        assertEquals(
            List.of(
                "tool_use",
                "guardrail_blocked",
                "tool_result",
                "tool_use",
                "tool_use",
                "guardrail_blocked",
                "tool_result",
                "tool_result",
                "text",
                "done"),
            Asking.types(events));
        JsonNode blocked = events.get(1).json();
        assertEquals("write_file", blocked.path("tool").asText());
        assertEquals("auto-read", blocked.path("policy").asText());
        assertEquals(
            "[error: guardrail blocked write_file: " + blocked.path("reason").asText() + "]",
            events.get(2).content());
        assertTrue(events.get(6).content().contains("deny list"), events.get(6).content());
        assertFalse(Files.exists(agent.workspace().resolve("a")));
      }
      List<String> offered = new ArrayList<>();
      model
          .lastRequest()
          .body()
          .path("tools")
          .forEach(tool -> offered.add(tool.path("function").path("name").asText()));
      assertTrue(offered.contains("read_file"), offered.toString());
      for (String hidden : List.of("write_file", "bash", "web_fetch", "spawn")) {
        assertFalse(offered.contains(hidden), offered.toString());
      }
      assertEquals(List.of(), model.violations());
    }
  }

  @Test
  void aModeThatDoesNotExistRefusesEverything() throws IOException {
    try (ModelServer model = ModelServer.start()) {
      Map<String, String> variables = new HashMap<>(TestAgent.asking(model));
      variables.put("TOOL_POLICY", "anything-goes");
      model.enqueue(ModelAnswer.call("list_dir", "{}"), ModelAnswer.text("I see."));
      try (TestAgent agent = TestAgent.start(folder, variables);
          RawResponse stream = agent.say("c", "look")) {
        Event blocked = stream.until("guardrail_blocked");
        assertEquals("unknown", blocked.json().path("policy").asText());
        assertTrue(stream.until("tool_result").content().contains("none that exists"));
        stream.until("done");
      }
      assertTrue(model.lastRequest().body().path("tools").isEmpty());
    }
  }

  @Test
  void aPolicyThatAsksBeforeWritingAsks() throws IOException {
    try (TestAgent agent = TestAgent.start(folder, Map.of("TOOL_POLICY", "ask-before-write"))) {
      Asking client = new Asking(agent.port());
      String message =
          "/tool list_dir {}\n/tool write_file {\"path\":\"a\",\"content\":\"b\"}\n"
              + "/tool write_file {\"path\":\"c\"}";
      try (RawResponse stream = client.say("c", message)) {
        client.answer(stream, "once");
        stream.until("tool_result");
        // Nobody is asked about a call that would fail anyway.
        assertTrue(stream.until("tool_result").content().contains("missing required 'content'"));
        stream.until("done");
      }
      assertTrue(Files.exists(agent.workspace().resolve("a")));
      try (RawResponse stream = agent.say("c", message)) {
        stream.until("tool_result");
        assertTrue(stream.until("tool_result").content().startsWith("[blocked: the policy asks"));
      }
    }
  }
}
