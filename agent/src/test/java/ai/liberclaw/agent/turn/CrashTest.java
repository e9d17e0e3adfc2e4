package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.Await;
import ai.liberclaw.agent.ChildAgent;
import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent is killed in the middle of things and started again. */
final class CrashTest {
  @TempDir Path folder;

  @Test
  void aTurnKilledInATooGoesOnAndTheEffectHappensOnce() throws Exception {
    try (ChildAgent agent = ChildAgent.start(folder)) {
      String message =
          TestAgent.bash("echo once >> effect; sleep 300") + "\n" + TestAgent.bash("echo not begun");
      try (RawResponse lost = agent.say("c", message);
          RawResponse waiting = agent.say("c", "I wait")) {
        assertEquals(1, lost.until("tool_use").seq());
        assertEquals("keepalive", waiting.event().orElseThrow().type());
        Await.until("the effect", () -> Files.exists(effect()));
        agent.kill();
      }
    }
    try (ChildAgent agent = ChildAgent.start(folder)) {
      try (RawResponse resumed = agent.stream("c", "?after=1")) {
        List<Event> events = resumed.events();
        assertEquals(
            List.of("stream_meta", "tool_use", "text", "done", "stream_meta", "text", "done"),
            events.stream().filter(e -> !e.type().equals("text_delta")).map(Event::type).toList());
        long number = 1;
        for (Event event : events) {
          if (event.seq() > 0) {
            assertEquals(++number, event.seq());
          }
        }
        Event report =
            events.stream().filter(e -> e.type().equals("text")).findFirst().orElseThrow();
        assertTrue(report.content().contains("may or may not have taken effect"));
        assertTrue(report.content().contains("\nnot begun\n"), report.content());
      }
      assertEquals(List.of("once"), Files.readAllLines(effect()));
      try (RawResponse next = agent.say("c", "and now?")) {
        assertEquals(List.of("text", "done"), next.types());
      }
    }
  }

  @Test
  void aTurnUnderWhichTheAgentDiesThriceIsGivenUp() throws Exception {
    // A read-only tool is run again at every start; this one never returns.
    Files.createDirectories(TestAgent.workspace(folder));
    String message = TestAgent.bash("echo x >> effect; kill -9 $PPID; sleep 300");
    for (int start = 0; start < 3; start++) {
      try (ChildAgent agent = ChildAgent.start(folder)) {
        if (start == 0) {
          try (RawResponse lost = agent.say("c", message)) {
            lost.until("tool_use");
            Await.until("the effect", () -> Files.exists(effect()));
          }
        }
        agent.kill();
      }
    }
    try (ChildAgent agent = ChildAgent.start(folder)) {
      try (RawResponse resumed = agent.stream("c", "?after=1")) {
        List<Event> events = resumed.events();
        assertTrue(events.size() >= 3, events.toString());
      }
      assertEquals(List.of("x"), Files.readAllLines(effect()));
    }
  }

  private Path effect() {
    return TestAgent.workspace(folder).resolve("effect");
  }
}
