package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.approval.Approval;
import ai.liberclaw.agent.approval.ApprovalStatus;
import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One turn with calls of every kind, cut at each boundary of its journal: no effect happens twice,
 * none is dropped without a word, and every reader sees one and the same story.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CrashPointsTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);

  /** Its turn makes eleven entries in the journal when nothing happens. */
  private static final String MESSAGE =
      """
      /tool act {"name":"one"}
      /tool look {"name":"x"}
      /tool look {"name":"y"}
      /tool ask {"name":"two"}
      /tool ask {"name":"three"}
      /tool act {"name":"four"}
      """;

  private static final int ENTRIES = 11;

  private static final Logger LOG = Logger.getLogger("ai.liberclaw.agent.turn");

  @TempDir Path folder;

  private EngineBench bench;

  /** What has really happened. */
  private final List<String> effects = new CopyOnWriteArrayList<>();

  /** Called inside each effect, after it. */
  private volatile Consumer<String> afterwards = _ -> {};

  @BeforeEach
  void open() throws IOException {
    // Dozens of stack traces of deaths that are meant to be.
    LOG.setLevel(Level.OFF);
    bench = new EngineBench(folder);
    bench.people(
        bench.rows(),
        new Step("act", false, Optional.empty()),
        new Step("look", true, Optional.empty()),
        new Step("ask", false, Optional.of("it is risky")));
  }

  @AfterEach
  void close() {
    bench.close();
    LOG.setLevel(null);
  }

  @Test
  void aTurnCutAtAnyEntryOfItsJournalIsCompletedByTheNextProcess() throws Exception {
    for (int entry = 1; entry <= ENTRIES + 1; entry++) {
      for (boolean stored : List.of(false, true)) {
        int last = entry;
        boolean died = run(entry + "-" + stored, real -> new DyingJournal(real, last, stored));
        assertEquals(entry <= ENTRIES, died, "entry " + entry);
      }
    }
  }

  @Test
  void aTurnCutRightAfterAnyEffectIsCompletedByTheNextProcess() throws Exception {
    for (String name : List.of("one", "x", "y", "two", "three", "four")) {
      boolean died =
          run(
              name,
              real -> {
                DyingJournal journal = new DyingJournal(real, -1, false);
                afterwards =
                    done -> {
                      if (done.equals(name)) {
                        journal.die();
                      }
                    };
                return journal;
              });
      assertTrue(died, name);
    }
  }

  @Test
  void anAnswerGivenWhileNobodyWaitsIsFollowed() throws Exception {
    Turn turn = bench.submitAsking("c", "/tool ask {\"name\":\"two\"}");
    Approval asked =
        Await.value(
            "somebody is asked",
            WAIT_MAX,
            () -> bench.approvals.open(Optional.of("c")).stream().findFirst());
    bench.engine.close();
    // The turn was handed over; its successor has not begun to wait.
    bench.desk.decide(asked.question().id(), ApprovalStatus.ONCE, "ada");
    assertEquals(List.of(), effects);
    bench.next(real -> real);
    bench.engine.start();
    assertEquals("done", type(bench.read(turn).getLast()));
    assertEquals(List.of("two"), effects);
  }

  /** Returns whether the first process died before it had seen the turn's end. */
  private boolean run(String chatId, Function<Journal, DyingJournal> dying) throws Exception {
    effects.clear();
    DyingJournal[] journal = new DyingJournal[1];
    bench.next(real -> {
      journal[0] = dying.apply(real);
      return journal[0];
    });
    Turn turn = bench.submitAsking(chatId, MESSAGE);
    answerAll(() -> journal[0].isDead() || bench.engine.active(chatId).isEmpty());
    // What a dying engine still does is stored nowhere.
    Await.until("it is over", WAIT_MAX, () -> bench.engine.active(chatId).isEmpty());
    boolean died = journal[0].isDead();
    afterwards = _ -> {};
    bench.next(real -> real);
    bench.engine.start();
    answerAll(() -> bench.engine.active(chatId).isEmpty());
    check(turn);
    return died;
  }

  private void check(Turn turn) throws Exception {
    String where = turn.chatId();
    List<String> events = bench.read(turn);
    assertEquals(events, bench.read(turn), where);
    for (int i = 0; i < events.size(); i++) {
      assertEquals(i + 1, Json.parse(events.get(i)).path("seq").asInt(), where + events);
    }
    Map<String, Integer> counts = new HashMap<>();
    events.forEach(event -> counts.merge(type(event), 1, Integer::sum));
    assertEquals(
        Map.of(
            "tool_use", 6,
            "tool_result", 6,
            "approval_required", 2,
            "approval_resolved", 2,
            "text", 1,
            "done", 1),
        counts,
        where + events);
    assertEquals("done", type(events.getLast()), where);

    // All were allowed to run, so none was closed without having been started.
    assertEquals(
        List.of(),
        bench
            .sql()
            .fetch(
                "select name from tool_calls where started_at is null and turn_id = ?", turn.id())
            .getValues(0),
        where + events);

    List<Message> messages = bench.rows().messages(turn, List.of(), false);
    assertEquals(1 + 1 + 6 + 1, messages.size(), where + messages);
    Message.Assistant calling = (Message.Assistant) messages.get(1);
    for (int i = 0; i < 6; i++) {
      Message.Tool result = (Message.Tool) messages.get(2 + i);
      assertEquals(calling.toolCalls().get(i).id(), result.callId(), where);
      String name = Json.parse(calling.toolCalls().get(i).arguments()).path("name").asText();
      int times = Collections.frequency(effects, name);
      boolean uncertain = result.content().contains("may or may not");
      if (name.length() == 1) {
        // Looking again does no harm.
        assertEquals("did " + name, result.content(), where);
      } else if (uncertain) {
        assertTrue(times <= 1, where + name + effects);
      } else {
        assertEquals("did " + name, result.content(), where);
        assertEquals(1, times, where + name + effects);
      }
    }
  }

  /** Lets every call run that somebody is asked about. */
  private void answerAll(Callable<Boolean> until) {
    Await.until(
        "the turn ends",
        WAIT_MAX,
        () -> {
          for (Approval open : bench.approvals.open(Optional.empty())) {
            bench.desk.decide(open.question().id(), ApprovalStatus.ONCE, "ada");
          }
          return until.call();
        });
  }

  private static String type(String event) {
    return Json.parse(event).path("type").asText();
  }

  /** Leaves its name behind. */
  private final class Step implements Tool {
    private final String name;
    private final boolean readOnly;
    private final Optional<String> guard;

    Step(String name, boolean readOnly, Optional<String> guard) {
      this.name = name;
      this.readOnly = readOnly;
      this.guard = guard;
    }

    @Override
    public ToolDefinition definition() {
      ObjectNode parameters = Json.object().put("type", "object");
      parameters.putObject("properties").putObject("name").put("type", "string");
      return new ToolDefinition(name, name, parameters);
    }

    @Override
    public boolean readOnly() {
      return readOnly;
    }

    @Override
    public Optional<String> guardReason(ObjectNode arguments, ToolContext context) {
      return guard;
    }

    @Override
    public ToolResult call(ObjectNode arguments, ToolContext context) {
      String what = arguments.path("name").asText();
      effects.add(what);
      afterwards.accept(what);
      return ToolResult.text("did " + what);
    }
  }
}
