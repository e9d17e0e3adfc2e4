package ai.liberclaw.agent.coding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.coding.CodingTask.Mode;
import ai.liberclaw.agent.coding.CodingTask.State;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.db.sqlite.AgentDatabase;
import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a task before its turn, and over restarts. */
class CodingTasksTest {
  private static final Duration WAIT = Duration.ofSeconds(10);

  @TempDir Path folder;
  private final Turns turns = new Turns();
  private AgentDatabase database;
  private CommitQueue commits;
  private CodingStore store;

  @BeforeEach
  void open() {
    database = AgentDatabase.open(folder.resolve("agent.db"));
    commits = new CommitQueue(database);
    commits.start(_ -> {});
    store = new CodingStore(database.dsl(), commits);
  }

  @AfterEach
  void close() {
    commits.close();
    database.close();
  }

  @Test
  void withoutACheckpointNothingIsDone() throws Exception {
    CodingTasks tasks =
        tasks(_ -> {
          throw new IOException("the workspace is too large");
        });
    CodingTask task = tasks.begin("a", Mode.IMPLEMENT, "do it");

    CodingTasks.Prepared prepared = tasks.prepared(task).get(10, TimeUnit.SECONDS);

    assertEquals(new CheckpointOutcome(false, "the workspace is too large"), prepared.checkpoint());
    assertEquals(Optional.empty(), prepared.turn());
    assertEquals(State.FAILED, store.find("a").orElseThrow().state());
    assertTrue(turns.submitted.isEmpty());
  }

  @Test
  void aTaskThatIsCancelledDuringItsCheckpointIsNotBegun() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CodingTasks tasks =
        tasks(_ -> {
          go.await();
          return "ok";
        });
    CodingTask task = tasks.begin("a", Mode.IMPLEMENT, "do it");

    assertTrue(tasks.cancel(task));
    go.countDown();

    Await.until("it is not worked on", WAIT, () -> !tasks.isActive(task));
    assertTrue(turns.submitted.isEmpty());
    assertEquals(State.CANCELLED, store.find("a").orElseThrow().state());
  }

  @Test
  void aRestartGoesOnWithATaskThatHadNoTurnYet() throws Exception {
    turns.stopping = true;
    CodingTasks stopped = tasks(_ -> "kept 1");
    CodingTask task = stopped.begin("a", Mode.INSPECT, "look");
    Await.until("it was given up", WAIT, () -> !stopped.isActive(task));
    turns.stopping = false;

    CodingTasks tasks =
        tasks(_ -> {
          throw new AssertionError("there is a checkpoint");
        });
    tasks.start();

    NewTurn turn = turns.submitted.poll(10, TimeUnit.SECONDS);
    assertEquals("coding:a look coding", turn.chatId() + " " + turn.message() + " " + turn.mode());
    CodingTasks.Prepared prepared = tasks.prepared(task).get(10, TimeUnit.SECONDS);
    assertEquals("kept 1", prepared.checkpoint().content());
    assertTrue(tasks.isReadOnly("coding:a"));
  }

  @Test
  void theSameTaskAgainIsTheSameTaskAndAnotherOneIsRefused() throws Exception {
    CodingTasks tasks = tasks(_ -> "ok");
    tasks.prepared(tasks.begin("a", Mode.IMPLEMENT, "do it")).get(10, TimeUnit.SECONDS);

    tasks.prepared(tasks.begin("a", Mode.IMPLEMENT, "do it")).get(10, TimeUnit.SECONDS);
    assertEquals(1, turns.submitted.size());
    assertEquals(409, status(() -> tasks.begin("a", Mode.INSPECT, "do it")));
  }

  @Test
  void onlyFourTasksAreWorkedOnAtATime() {
    CodingTasks tasks = tasks(_ -> "ok");
    for (int i = 0; i < 4; i++) {
      tasks.begin("t" + i, Mode.IMPLEMENT, "do it");
    }

    assertEquals(429, status(() -> tasks.begin("t4", Mode.IMPLEMENT, "do it")));
  }

  private static int status(Runnable refused) {
    try {
      refused.run();
      return 200;
    } catch (Refusal e) {
      return e.status();
    }
  }

  private CodingTasks tasks(Checkpointer checkpointer) {
    TurnOutlet nobody =
        new TurnOutlet() {
          @Override
          public List<Notice> notices(Turn turn, TurnEnd end) {
            return List.of();
          }

          @Override
          public void ended(Turn turn, TurnEnd end) {}
        };
    return new CodingTasks(store, turns, checkpointer, nobody, text -> text);
  }

  private static final class Turns implements CodingTurns {
    final BlockingQueue<NewTurn> submitted = new LinkedBlockingQueue<>();
    private final Map<String, Turn> known = new ConcurrentHashMap<>();
    volatile boolean stopping;

    @Override
    public Turn submit(NewTurn turn) {
      if (stopping) {
        throw new Refusal(503, "shutting down");
      }
      Turn made =
          new Turn("turn-" + turn.chatId(), turn.chatId(), turn.message(), turn.mode(), true);
      known.put(made.id(), made);
      submitted.add(turn);
      return made;
    }

    @Override
    public Optional<Turn> find(String turnId) {
      return Optional.ofNullable(known.get(turnId));
    }

    @Override
    public boolean cancel(String chatId) {
      return false;
    }

    @Override
    public boolean isActive(String chatId) {
      return false;
    }
  }
}
