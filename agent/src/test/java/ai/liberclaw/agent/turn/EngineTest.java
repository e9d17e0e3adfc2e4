package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.OfflineModel;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.model.Usage;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Turns end and chats go on, whatever breaks inside. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EngineTest {
  @TempDir Path folder;

  @Test
  void aTurnWhoseToolOverflowsTheStackEndsAndTheNextOneRuns() throws Exception {
    try (EngineBench bench = new EngineBench(folder)) {
      bench.people(bench.rows(), new Bottomless());
      List<String> events = bench.read(bench.submit("c", "/tool bottomless {}"));
      assertEquals("internal", Json.parse(events.get(1)).path("code").asText(), events.toString());
      assertEquals("done", Json.parse(events.getLast()).path("type").asText());
      assertTrue(bench.read(bench.submit("c", "next")).getFirst().contains("\"text\""));
    }
  }

  @Test
  void aStopThatBreaksSomethingIsStillAStop() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (EngineBench bench = new EngineBench(folder)) {
      bench.people(new Pool(asked));
      Turn turn = bench.submit("c", "hello");
      asked.await();
      assertTrue(bench.engine.stop("c"));
      List<String> events = bench.read(turn);
      assertEquals("cancelled", Json.parse(events.getFirst()).path("code").asText());
    }
  }

  @Test
  void eightWaitBehindTheFirstAlsoBeforeItRuns() throws Exception {
    try (EngineBench bench = new EngineBench(folder)) {
      bench.people(bench.rows());
      TurnThread turns =
          new TurnThread(
              bench.journal,
              bench.log,
              new OfflineModel(Duration.ZERO),
              bench.setups,
              bench.gatekeeper);
      ChatQueue queue =
          new ChatQueue(bench.journal, bench.log, turns, () -> false, () -> {}, () -> {});
      queue.pause();
      for (int i = 1; i <= 1 + TurnEngine.WAITING_MAX; i++) {
        NewTurn message = message("message " + i);
        assertFalse(queue.submit(message, TurnEngine.Concurrency.QUEUE).attached());
      }
      Refusal refused =
          assertThrows(
              Refusal.class,
              () -> queue.submit(message("one too many"), TurnEngine.Concurrency.QUEUE));
      assertEquals(429, refused.status());
    }
  }

  private static NewTurn message(String text) {
    return new NewTurn("c", text, NewTurn.MODE_CHAT, Optional.empty(), true);
  }

  /** Recurses without end. */
  private static final class Bottomless implements Tool {
    @Override
    public ToolDefinition definition() {
      ObjectNode parameters = Json.object().put("type", "object");
      parameters.putObject("properties");
      return new ToolDefinition("bottomless", "Falls.", parameters);
    }

    @Override
    public ToolResult call(ObjectNode arguments, ToolContext context) {
      throw new StackOverflowError();
    }
  }

  /** Wraps an interrupt into an exception of its own, as connection pools do. */
  private record Pool(CountDownLatch asked) implements Conversation {
    @Override
    public List<Message> messages(Turn turn, List<ToolDefinition> tools, boolean shorten) {
      asked.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("no connection", e);
      }
      return List.of();
    }

    @Override
    public void observed(Turn turn, Usage usage) {
      // Nobody counts.
    }
  }
}
