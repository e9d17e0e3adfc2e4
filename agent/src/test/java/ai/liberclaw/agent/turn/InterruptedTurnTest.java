package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.db.sqlite.AgentDatabase;
import ai.liberclaw.testkit.model.ModelServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a turn ended, its chat goes on with a model that accepts no broken history. */
final class InterruptedTurnTest {
  @TempDir Path folder;

  /** What ends a turn in the middle of its tools. */
  enum End {
    STOP("cancelled"),
    SUPERSEDED("cancelled"),
    TIMED_OUT("turn_timeout"),
    CLIENT_GONE("");

    private final String code;

    End(String code) {
      this.code = code;
    }

    private Map<String, String> variables() {
      return switch (this) {
        case SUPERSEDED -> Map.of("CHAT_CONCURRENCY", "supersede");
        case TIMED_OUT -> Map.of("TURN_TIMEOUT", "1");
        case STOP, CLIENT_GONE -> Map.of();
      };
    }

    /** What the person does; a turn that takes too long ends by itself. */
    private void happens(TestAgent agent) throws IOException {
      switch (this) {
        case STOP -> agent.request("POST", "/chat/c/stop", "").close();
        case SUPERSEDED -> agent.sayToTheEnd("c", "never mind");
        case CLIENT_GONE, TIMED_OUT -> {}
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void w1TheNextMessageJustWorks(End end) throws IOException {
    try (ModelServer model = ModelServer.start()) {
      Map<String, String> variables = new HashMap<>(TestAgent.asking(model));
      variables.putAll(end.variables());
      String two = TestAgent.holding("h") + "\n" + TestAgent.bash("echo second");
      try (TestAgent agent = TestAgent.start(folder, variables)) {
        try (RawResponse stream = agent.say("c", two)) {
          stream.until("tool_use");
          if (end != End.CLIENT_GONE) {
            end.happens(agent);
            assertEquals(end.code, stream.until("error").json().path("code").asText());
          }
        }
        if (end == End.CLIENT_GONE) {
          agent.letGo("h");
        }
        try (RawResponse next = agent.say("c", "and now?")) {
          assertEquals("You said: and now?", next.until("text").content());
        }
      }
      assertEquals(List.of(), model.violations());
      List<String> roles = new ArrayList<>();
      model.lastRequest().messages().forEach(row -> roles.add(row.path("role").asText()));
      roles.removeFirst();
      assertEquals(List.of("user", "assistant", "tool", "tool"), roles.subList(0, 4));
    }
  }

  @Test
  void w1AFileThatAnOriginalLeftBrokenIsAnswered() throws IOException {
    Files.createDirectories(folder.resolve("data"));
    try (AgentDatabase file = AgentDatabase.open(folder.resolve("data/agent.db"))) {
      file.dsl()
          .execute(
              """
              insert into messages (chat_id, role, content, tool_calls, tool_call_id) values
              ('c', 'tool', 'of a call that is gone', null, 'a'),
              ('c', 'user', 'go', null, null),
              ('c', 'assistant', null, '[{"id":"x","type":"function","function":{"name":"bash","arguments":"{}"}},{"id":"y","type":"function","function":{"name":"bash","arguments":"{\\"command"}}]', null),
              ('c', 'tool', 'done', null, 'y'),
              ('c', 'assistant', '', null, null)
              """);
    }
    try (ModelServer model = ModelServer.start()) {
      try (TestAgent agent = TestAgent.start(folder, TestAgent.asking(model));
          RawResponse next = agent.say("c", "and now?")) {
        assertEquals("You said: and now?", next.until("text").content());
      }
      assertEquals(List.of(), model.violations());
      String sent = model.lastRequest().messages().toString();
      assertTrue(sent.contains("may have"), sent);
    }
  }
}
