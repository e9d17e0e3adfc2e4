package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.ChildAgent;
import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent is killed in the middle of things and started again. */
final class CrashTest {
  @TempDir Path folder;

  @Test
  void w1ATurnKilledInAToolGoesOnAndTheEffectHappensOnce() throws Exception {
    try (ModelServer model = ModelServer.start()) {
      Map<String, String> asking = TestAgent.asking(model);
      String message =
          TestAgent.bash("echo once >> effect; sleep 300") + "\n" + TestAgent.bash("echo later");
      try (ChildAgent agent = ChildAgent.start(folder, asking);
          RawResponse lost = agent.say("c", message);
          RawResponse waiting = agent.say("c", "I wait")) {
        assertEquals(1, lost.until("tool_use").seq());
        assertEquals("keepalive", waiting.event().orElseThrow().type());
        awaitEffects(1);
        agent.kill();
      }
      try (ChildAgent agent = ChildAgent.start(folder, asking)) {
        try (RawResponse resumed = agent.stream("c", "?after=1&deltas=false")) {
          List<Event> events = resumed.events();
          assertEquals(
              List.of(
                  "stream_meta",
                  "tool_result",
                  "tool_use",
                  "tool_result",
                  "text",
                  "done",
                  "stream_meta",
                  "text",
                  "done"),
              events.stream().map(Event::type).toList());
          assertEquals(
              List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L),
              events.stream().map(Event::seq).filter(seq -> seq > 0).toList());
          String report = events.get(4).content();
          assertTrue(report.contains("may or may not have taken effect"), report);
          assertTrue(report.contains("\nlater\n"), report);
          assertEquals("You said: I wait", events.get(7).content());
        }
        try (RawResponse next = agent.say("c", "and now?")) {
          assertEquals("You said: and now?", next.until("text").content());
        }
      }
      assertEquals(List.of("once"), Files.readAllLines(effect()));
      assertEquals(List.of(), model.violations());
    }
  }

  @Test
  void aTurnUnderWhichTheAgentDiesThriceIsGivenUp() throws Exception {
    String message =
        String.join(
            "\n",
            TestAgent.bash("echo 1 >> effect; sleep 300"),
            TestAgent.bash("echo 2 >> effect; sleep 300"),
            TestAgent.bash("echo 3 >> effect; sleep 300"),
            TestAgent.bash("echo 4 >> effect"));
    try (ModelServer model = ModelServer.start()) {
      Map<String, String> asking = TestAgent.asking(model);
      try (ChildAgent agent = ChildAgent.start(folder, asking);
          RawResponse lost = agent.say("c", message)) {
        lost.until("tool_use");
        awaitEffects(1);
        agent.kill();
      }
      for (int start = 2; start <= 3; start++) {
        try (ChildAgent agent = ChildAgent.start(folder, asking)) {
          awaitEffects(start);
          agent.kill();
        }
      }
      try (ChildAgent agent = ChildAgent.start(folder, asking)) {
        try (RawResponse resumed = agent.stream("c", "?after=5")) {
          List<Event> events = resumed.events();
          assertEquals(
              List.of("stream_meta", "error", "done"), events.stream().map(Event::type).toList());
          assertEquals("interrupted", events.get(1).json().path("code").asText());
          assertEquals(6, events.get(1).seq());
        }
        assertEquals(List.of("1", "2", "3"), Files.readAllLines(effect()));
        // All four calls have results by now, else the strict server would refuse the history.
        try (RawResponse next = agent.say("c", "and now?")) {
          assertEquals("You said: and now?", next.until("text").content());
        }
        assertEquals(List.of(), model.violations());
      }
    }
  }

  @Test
  void aTurnKilledWhileTheModelAnswersAsksAgain() throws Exception {
    try (ModelServer model = ModelServer.start()) {
      Map<String, String> asking = TestAgent.asking(model);
      model.enqueue(
          ModelAnswer.call("bash", "{\"command\":\"echo once >> effect\"}"),
          ModelAnswer.text("never finished").with(ModelAnswer.Break.STALL, 2));
      try (ChildAgent agent = ChildAgent.start(folder, asking);
          RawResponse lost = agent.say("c", "do it")) {
        lost.until("tool_use");
        Await.until("the second question", TestAgent.WAIT_MAX, () -> model.requests().size() == 2);
        agent.kill();
      }
      model.enqueue(ModelAnswer.text("done now"));
      try (ChildAgent agent = ChildAgent.start(folder, asking);
          RawResponse resumed = agent.stream("c", "?after=1&deltas=false")) {
        List<Event> events = resumed.events();
        assertEquals(
            List.of("stream_meta", "tool_result", "text", "done"),
            events.stream().map(Event::type).toList());
        assertEquals("done now", events.get(2).content());
      }
      assertEquals(
          model.requests().get(1).messages().toString(),
          model.requests().get(2).messages().toString());
      assertEquals(List.of("once"), Files.readAllLines(effect()));
      assertEquals(List.of(), model.violations());
    }
  }

  private void awaitEffects(int count) {
    Await.until(
        "effect " + count,
        TestAgent.WAIT_MAX,
        () -> Files.exists(effect()) && Files.readAllLines(effect()).size() == count);
  }

  private Path effect() {
    return TestAgent.workspace(folder).resolve("effect");
  }
}
