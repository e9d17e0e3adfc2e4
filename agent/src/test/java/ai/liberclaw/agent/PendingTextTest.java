package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.pending.PendingStore.Pending;
import ai.liberclaw.agent.turn.EventReader;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.StreamItem;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.testkit.await.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the final text of a turn is kept for fetching. */
final class PendingTextTest {
  @TempDir Path folder;

  @Test
  void aReaderThatIsGoneBeforeTheEndReachesItLeavesTheTextToBeFetched() throws Exception {
    try (Agent agent = Agent.open(TestAgent.config(folder, Map.of()))) {
      agent.start();
      EventReader reader = agent.log().follow(submit(agent, "hello"), false);
      Optional<StreamItem> item = reader.next();
      while (!item.orElseThrow().json().contains("\"type\":\"done\"")) {
        item = reader.next();
      }
      assertEquals(List.of(), fetch(agent));
      // The end could not be written: it is never asked for what comes after it.
      reader.close();
      List<Pending> rows = fetch(agent);
      assertEquals(1, rows.size());
      assertTrue(rows.getFirst().content().contains("hello"), rows.toString());
      assertEquals("chat", rows.getFirst().source());
    }
  }

  @Test
  void w3ASecretInTheTextIsHidden() throws Exception {
    try (Agent agent = Agent.open(TestAgent.config(folder, Map.of()))) {
      agent.start();
      Turn ignored = submit(agent, "it is " + TestAgent.SECRET + ", is it?");
      List<Pending> rows =
          Await.value(
              "the text is kept",
              TestAgent.WAIT_MAX,
              () -> Optional.of(fetch(agent)).filter(found -> !found.isEmpty()));
      String text = rows.getFirst().content();
      assertTrue(text.contains("it is [redacted], is it?"), text);
    }
  }

  private static Turn submit(Agent agent, String message) {
    return agent
        .engine()
        .submit(new NewTurn("c", message, NewTurn.MODE_CHAT, Optional.empty(), false))
        .turn();
  }

  private static List<Pending> fetch(Agent agent) {
    return agent.pending().take(Optional.empty(), agent.log().slowestReaders());
  }
}
