package ai.liberclaw.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.sqlite.AgentDatabase;
import ai.liberclaw.testkit.await.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CommitQueueTest {
  @TempDir Path folder;
  private AgentDatabase database;
  private CommitQueue commits;

  @BeforeEach
  void open() {
    database = AgentDatabase.open(folder.resolve("agent.db"));
    database.dsl().execute("create table facts (name text not null)");
    commits = new CommitQueue(database);
  }

  @AfterEach
  void close() {
    commits.close();
    database.close();
  }

  @Test
  void aTransactionThatFailsTakesNoOtherWithIt() throws Exception {
    database
        .dsl()
        .execute(
            "create trigger bad before insert on facts when new.name = 'bad'"
                + " begin select raise(abort, 'no'); end");
    assertEquals(List.of(true, false, true), together("first", "bad", "last"));
    assertEquals(List.of("first", "last"), facts());
  }

  @Test
  void nothingIsReportedStoredThatWasUndoneWithTheWholeTransaction() throws Exception {
    database
        .dsl()
        .execute(
            "create trigger bad before insert on facts when new.name = 'bad'"
                + " begin select raise(rollback, 'disk full'); end");
    List<Boolean> stored = together("first", "bad", "last");
    List<String> facts = facts();
    assertEquals(
        List.of(facts.contains("first"), false, facts.contains("last")), stored, facts.toString());
    commits.run(tx -> tx.sql().execute("insert into facts values ('later')"));
    assertTrue(facts().contains("later"));
  }

  @Test
  void theWriterSurvivesWhateverATransactionOrAListenerThrows() {
    commits.start(_ -> {
      throw new IllegalStateException("a reader's fault");
    });
    assertThrows(
        CompletionException.class,
        () ->
            commits.run(_ -> {
              throw new StackOverflowError();
            }));
    commits.run(tx -> tx.sql().execute("insert into facts values ('later')"));
    assertEquals(List.of("later"), facts());
  }

  /** Whether each was stored, as its own caller was told; all share one commit. */
  private List<Boolean> together(String... names) throws Exception {
    List<FutureTask<Boolean>> told = new ArrayList<>();
    for (String name : names) {
      FutureTask<Boolean> asked = new FutureTask<>(() -> isStored(name));
      Thread caller = Thread.ofVirtual().start(asked);
      Await.until(
          "it waits for its commit",
          Duration.ofSeconds(10),
          () -> caller.getState() == Thread.State.WAITING);
      told.add(asked);
    }
    commits.start(_ -> {});
    List<Boolean> stored = new ArrayList<>();
    for (FutureTask<Boolean> asked : told) {
      stored.add(asked.get());
    }
    return stored;
  }

  private boolean isStored(String name) {
    try {
      commits.run(tx -> tx.sql().execute("insert into facts values (?)", name));
      return true;
    } catch (RuntimeException _) {
      return false;
    }
  }

  private List<String> facts() {
    return database.dsl().fetch("select name from facts order by rowid").getValues(0, String.class);
  }
}
