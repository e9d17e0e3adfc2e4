package ai.liberclaw.agent.subagent;

import static ai.liberclaw.db.agent.Tables.SUBAGENTS;
import static ai.liberclaw.db.agent.Tables.TURNS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.subagent.SubagentRun.State;
import ai.liberclaw.agent.subagent.SubagentRuns.Unfinished;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubagentStoreTest {
  @TempDir Path directory;

  @Test
  void runsAreFoundWithTheStateOfTheirTurnUntilTheyEnd() {
    try (AgentDatabase database = AgentDatabase.open(directory.resolve("agent.db"));
        CommitQueue commits = new CommitQueue(database)) {
      commits.start(_ -> {});
      SubagentStore store = new SubagentStore(database.dsl(), commits);
      SubagentRun asked = new SubagentRun("a", "chat", "label", "task");
      SubagentRun unasked = new SubagentRun("b", "chat", "label", "task");
      store.add(asked);
      store.add(unasked);
      commits.run(tx ->
          tx.sql()
              .insertInto(TURNS)
              .set(TURNS.ID, "t")
              .set(TURNS.CHAT_ID, asked.ownChatId())
              .set(TURNS.STATE, "waiting")
              .set(TURNS.POSITION, 1L)
              .set(TURNS.CREATED_AT, 1L)
              .execute());

      assertEquals(Optional.of(asked), store.find("a"));
      assertEquals(Optional.empty(), store.find("c"));
      assertEquals(
          List.of(
              new Unfinished(asked, Optional.of(TurnState.WAITING)),
              new Unfinished(unasked, Optional.empty())),
          store.unfinished());

      store.end("a", State.TIMEOUT, "too long");
      store.end("a", State.COMPLETED, "later");
      store.end("b", State.COMPLETED, "42");

      assertEquals(List.of(), store.unfinished());
      assertEquals(
          List.of("timeout/null/too long", "completed/42/null"),
          database
              .dsl()
              .selectFrom(SUBAGENTS)
              .orderBy(SUBAGENTS.ID)
              .fetch(row -> row.getState() + "/" + row.getResult() + "/" + row.getError()));
    }
  }
}
