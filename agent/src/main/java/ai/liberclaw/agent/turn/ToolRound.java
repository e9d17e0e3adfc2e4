package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.turn.Journal.CallState;
import ai.liberclaw.agent.turn.Journal.Intent;
import ai.liberclaw.agent.turn.Journal.OpenCall;
import ai.liberclaw.agent.turn.Journal.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The tool calls of one reply. Consecutive read-only calls run together, every other call alone;
 * outcomes are stored in the order of the calls. A call's start is stored before it runs, in the
 * transaction of whatever came before it.
 */
final class ToolRound {
  /** Read-only calls that run at the same time. */
  static final int TOGETHER_MAX = 8;

  private static final String UNCERTAIN =
      "the agent was interrupted during this call. It may or may not have taken effect;"
          + " check before repeating it";
  private static final String CUT_SHORT =
      "this call was stopped while it ran. It may have partly taken effect";
  private static final String NOT_RUN =
      "this call was not run, because the message was stopped before it";

  private final Journal journal;
  private final Turn turn;
  private final TurnSetup setup;
  private final RunningTurn running;
  private final List<SentFile> files;
  private final int step;
  private final List<OpenCall> calls;

  /**
   * @param files collects what the calls send to the user
   */
  ToolRound(
      Journal journal,
      Turn turn,
      TurnSetup setup,
      RunningTurn running,
      List<SentFile> files,
      int step,
      List<OpenCall> calls) {
    this.journal = journal;
    this.turn = turn;
    this.setup = setup;
    this.running = running;
    this.files = files;
    this.step = step;
    this.calls = calls;
  }

  /** The calls of a new reply. */
  static List<OpenCall> of(List<ToolCall> calls) {
    List<OpenCall> open = new ArrayList<>();
    for (ToolCall call : calls) {
      open.add(new OpenCall(open.size(), call, CallState.NOT_STARTED));
    }
    return open;
  }

  /** The calls that start as soon as the reply is stored. */
  List<Intent> first() {
    return group(0);
  }

  /** Runs all calls of a new reply, whose first ones have been stored as started. */
  void run() throws InterruptedException {
    runFrom(0);
  }

  /**
   * Goes on after a restart. A call that had started is run again when that does no harm; else its
   * result says that nobody knows.
   */
  void resume() throws InterruptedException {
    int next = 0;
    while (next < calls.size() && calls.get(next).state() != CallState.NOT_STARTED) {
      OpenCall call = calls.get(next++);
      if (call.state() == CallState.STARTED) {
        boolean again = setup.tools().idempotent(call.call().name());
        store(call, again ? execute(call.call()) : ToolResult.error(UNCERTAIN), List.of());
      }
    }
    if (next < calls.size()) {
      running.check();
      journal.starting(turn, group(next));
      runFrom(next);
    }
  }

  /** Results for all calls that have none, for a turn that ends here. */
  static List<Outcome> close(int step, List<OpenCall> calls) {
    return calls.stream()
        .filter(call -> call.state() != CallState.ENDED)
        .map(call ->
            new Outcome(
                step,
                call.position(),
                call.call(),
                ToolResult.error(call.state() == CallState.STARTED ? CUT_SHORT : NOT_RUN)))
        .toList();
  }

  private void runFrom(int start) throws InterruptedException {
    int next = start;
    while (next < calls.size()) {
      List<Intent> group = group(next);
      List<FutureTask<ToolResult>> tasks = launch(group);
      try {
        for (int i = 0; i < group.size(); i++) {
          OpenCall call = calls.get(next + i);
          ToolResult result = await(tasks.get(i));
          boolean last = i == group.size() - 1;
          // A turn that is being stopped stores what has ended, but starts nothing.
          boolean stopping = running.reason().isPresent();
          store(call, result, last && !stopping ? group(next + group.size()) : List.of());
        }
      } finally {
        tasks.forEach(task -> task.cancel(true));
      }
      next += group.size();
      running.check();
    }
  }

  private List<Intent> group(int start) {
    List<Intent> group = new ArrayList<>();
    for (int i = start; i < calls.size() && group.size() < TOGETHER_MAX; i++) {
      ToolCall call = calls.get(i).call();
      boolean together = setup.tools().readOnly(call.name());
      if (!group.isEmpty() && !together) {
        break;
      }
      group.add(new Intent(step, i, call));
      if (!together) {
        break;
      }
    }
    return group;
  }

  private List<FutureTask<ToolResult>> launch(List<Intent> group) throws InterruptedException {
    List<FutureTask<ToolResult>> tasks = new ArrayList<>();
    for (Intent intent : group) {
      FutureTask<ToolResult> task = new FutureTask<>(() -> execute(intent.call()));
      tasks.add(task);
      if (group.size() > 1) {
        Thread.ofVirtual().name("tool-" + intent.call().name()).start(task);
      }
    }
    if (group.size() == 1) {
      // Alone, on the turn's own thread: an interrupt reaches the tool, which ends before the turn.
      tasks.getFirst().run();
    }
    return tasks;
  }

  private static ToolResult await(FutureTask<ToolResult> task) throws InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case InterruptedException interrupted -> throw interrupted;
        case RuntimeException bug -> throw bug;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  private ToolResult execute(ToolCall call) throws InterruptedException {
    return setup
        .tools()
        .call(
            call,
            new ToolContext(turn.chatId(), turn.id(), call.id(), setup.main(), this::execute));
  }

  private void store(OpenCall call, ToolResult result, List<Intent> starting) {
    journal.ended(turn, new Outcome(step, call.position(), call.call(), result), starting);
    result.file().ifPresent(files::add);
  }
}
