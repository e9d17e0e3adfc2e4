package ai.liberclaw.agent.subagent;

import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;
import static ai.liberclaw.db.agent.Tables.SUBAGENTS;
import static ai.liberclaw.db.agent.Tables.TURNS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.subagent.SubagentRun.State;
import ai.liberclaw.agent.subagent.SubagentRuns.Told;
import ai.liberclaw.agent.subagent.SubagentRuns.TurnOutcome;
import ai.liberclaw.agent.subagent.SubagentRuns.Unfinished;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
      SubagentRun asked =
          new SubagentRun(
              "a", "chat", "label", "task", Role.EXPLORER, "a cat", Duration.ofMinutes(1));
      SubagentRun unasked = SubagentsTest.run("b", "task");
      store.add(asked, List.of(new Notice("chat", "subagent_event", "{}")));
      store.add(unasked, List.of());
      commits.run(tx ->
          tx.sql()
              .insertInto(TURNS)
              .set(TURNS.ID, "t")
              .set(TURNS.CHAT_ID, asked.ownChatId())
              .set(TURNS.STATE, "waiting")
              .set(TURNS.POSITION, 1L)
              .set(TURNS.CREATED_AT, 1L)
              .execute());
      commits.run(tx ->
          tx.sql()
              .insertInto(MESSAGES)
              .set(MESSAGES.CHAT_ID, asked.ownChatId())
              .set(MESSAGES.ROLE, "assistant")
              .set(MESSAGES.CONTENT, "said")
              .set(MESSAGES.TURN_ID, "t")
              .execute());

      assertEquals(Optional.of(asked), store.find("a"));
      assertEquals(Optional.empty(), store.find("c"));
      assertEquals(
          List.of(
              new Unfinished(asked, Optional.of(new TurnOutcome(TurnState.WAITING, "said"))),
              new Unfinished(unasked, Optional.empty())),
          store.unfinished());

      store.end("a", State.TIMEOUT, "too long", List.of());
      store.end("a", State.COMPLETED, "later", List.of());
      store.end("b", State.COMPLETED, "42", List.of());

      assertEquals(List.of(), store.unfinished());
      assertEquals(1, database.dsl().fetchCount(PENDING_MESSAGES));
      assertEquals(2, store.told(Instant.EPOCH).size());
      assertEquals(0, store.told(Instant.now().plusSeconds(60)).size());
      assertEquals(Optional.of("too long"), store.told("a").flatMap(Told::error));
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
