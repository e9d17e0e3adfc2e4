package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same message sent twice runs once. */
final class RepetitionTest {
  @TempDir Path folder;

  @Test
  void w2ANamedMessageRunsOnceAndLaterPostsAttachToIt() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      String body =
          Json.write(
              TestAgent.message("c", TestAgent.holding("h")).put("client_message_id", "m-1"));
      try (RawResponse first = agent.request("POST", "/chat", body)) {
        first.until("tool_use");
        try (RawResponse second = agent.request("POST", "/chat", body)) {
          assertEquals(1, second.until("tool_use").seq());
          agent.letGo("h");
          List<Event> rest = first.events();
          assertEquals(rest, second.events());
        }
      }
      try (RawResponse late = agent.request("POST", "/chat", body)) {
        assertEquals(List.of("tool_use", "tool_result", "text", "done"), late.types());
      }
      assertEquals(1, users(agent));
      String other = body.replace("m-1", "m-2");
      try (RawResponse again = agent.request("POST", "/chat", other)) {
        assertEquals(5, again.until("tool_use").seq());
      }
      assertEquals(2, users(agent));
    }
  }

  @Test
  void w2WithoutANameTheSameTextAttachesWhileItsTurnHasShownNothing() throws IOException {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse held = agent.say("c", TestAgent.holding("h"))) {
      held.until("tool_use");
      try (RawResponse first = agent.say("c", "hello");
          RawResponse retry = agent.say("c", "hello");
          RawResponse other = agent.say("c", "something else");
          RawResponse sameAsShown = agent.say("c", TestAgent.holding("h"))) {
        agent.letGo("h");
        List<Event> answer = first.events();
        assertEquals(List.of("text", "done"), answer.stream().map(Event::type).toList());
        assertEquals(answer, retry.events());
        assertEquals(answer.getLast().seq() + 1, other.until("text").seq());
        // Its turn had shown a tool call when the text came again, so this is a new message.
        assertEquals(answer.getLast().seq() + 3, sameAsShown.until("tool_use").seq());
      }
      assertEquals(4, users(agent));
    }
  }

  private static int users(TestAgent agent) throws IOException {
    int users = 0;
    for (var row : agent.history("c")) {
      users += row.path("name").asText().equals("user") ? 1 : 0;
    }
    return users;
  }
}
