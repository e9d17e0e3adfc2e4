package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.approval.Approval;
import ai.liberclaw.agent.approval.CallArguments;
import ai.liberclaw.agent.approval.Question;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.turn.Journal.CallState;
import ai.liberclaw.agent.turn.Journal.Intent;
import ai.liberclaw.agent.turn.Journal.OpenCall;
import ai.liberclaw.agent.turn.Journal.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The tool calls of one reply. Consecutive read-only calls run together, every other call alone,
 * and so does one that somebody is asked about; outcomes are stored in the order of the calls. A
 * call's start is stored before it runs, in the transaction of whatever came before it.
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

  /** What a round works with, the same for all rounds of a turn. */
  record Means(
      Journal journal,
      Turn turn,
      Toolbox tools,
      RunningTurn running,
      CallGate gate,
      CallRuns runs,
      List<SentFile> files,
      RoundImages images) {}

  /** A call that is next, and what becomes of it. */
  private record Planned(Intent intent, Ruling ruling) {
    ToolCall call() {
      return intent.call();
    }
  }

  private final Means means;
  private final int step;
  private final List<OpenCall> calls;

  /** What is stored as begun and has not ended; empty when all calls have. */
  private List<Planned> group = List.of();

  ToolRound(Means means, int step, List<OpenCall> calls) {
    this.means = means;
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
    return plan(0);
  }

  /** Runs all calls of a new reply, whose first ones have been stored. */
  void run() throws InterruptedException {
    while (!group.isEmpty()) {
      List<Planned> now = group;
      if (now.getFirst().intent().question().isPresent()) {
        finishAsked(now.getFirst());
      } else {
        finish(now);
      }
      means.running().check();
    }
  }

  /**
   * Goes on after a restart. A call that had started is run again when that does no harm; else its
   * result says that nobody knows. One that somebody was asked about waits on.
   */
  void resume() throws InterruptedException {
    int next = 0;
    while (next < calls.size() && hasRun(calls.get(next))) {
      OpenCall call = calls.get(next++);
      if (call.state() == CallState.STARTED) {
        store(new Intent(step, call.position(), call.call(), Optional.empty()), again(call), -1);
      }
    }
    if (next < calls.size()) {
      means.running().check();
      if (calls.get(next).state() == CallState.ASKED) {
        group = List.of(asked(calls.get(next)));
      } else {
        means.journal().starting(means.turn(), plan(next));
      }
      run();
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
                ToolResult.error(call.state() == CallState.STARTED ? CUT_SHORT : NOT_RUN),
                List.of()))
        .toList();
  }

  private static boolean hasRun(OpenCall call) {
    return call.state() == CallState.STARTED || call.state() == CallState.ENDED;
  }

  /** A call that may have run in a former process. */
  private CallRuns.Ended again(OpenCall call) throws InterruptedException {
    boolean harmless = means.tools().idempotent(call.call().name());
    return harmless && means.gate().rule(call.call()) instanceof Ruling.Run
        ? means.runs().run(call.call())
        : CallRuns.Ended.without(ToolResult.error(UNCERTAIN));
  }

  private Planned asked(OpenCall call) {
    Question question =
        means
            .gate()
            .desk()
            .ofCall(means.turn().id(), step, call.position())
            .map(Approval::question)
            .orElseThrow(() -> new IllegalStateException("nobody was asked about the call"));
    return new Planned(
        new Intent(step, call.position(), call.call(), Optional.of(question)),
        new Ruling.Ask(question.reason()));
  }

  /** Chooses what is next; it is begun once its intents are stored. */
  private List<Intent> plan(int start) {
    List<Planned> next = new ArrayList<>();
    for (int i = start; i < calls.size() && next.size() < TOGETHER_MAX; i++) {
      ToolCall call = calls.get(i).call();
      Ruling ruling = means.gate().rule(call);
      boolean together = means.tools().readOnly(call.name()) && !(ruling instanceof Ruling.Ask);
      if (!next.isEmpty() && !together) {
        break;
      }
      Optional<Question> question =
          ruling instanceof Ruling.Ask(String reason)
              ? Optional.of(means.gate().question(call, reason))
              : Optional.empty();
      next.add(new Planned(new Intent(step, i, call, question), ruling));
      if (!together) {
        break;
      }
    }
    group = next;
    return next.stream().map(Planned::intent).toList();
  }

  private void finish(List<Planned> now) throws InterruptedException {
    List<FutureTask<CallRuns.Ended>> tasks = launch(now);
    try {
      for (int i = 0; i < now.size(); i++) {
        boolean last = i == now.size() - 1;
        Intent intent = now.get(i).intent();
        store(intent, await(tasks.get(i)), last ? intent.position() + 1 : -1);
      }
    } finally {
      tasks.forEach(task -> task.cancel(true));
    }
  }

  private void finishAsked(Planned now) throws InterruptedException {
    Question question = now.intent().question().orElseThrow();
    Approval answer = means.running().paused(() -> means.gate().desk().await(question.id()));
    Optional<ToolResult> refused = refusal(now.call(), answer);
    CallRuns.Ended ended;
    if (refused.isPresent()) {
      ended = CallRuns.Ended.without(refused.get());
    } else if (means.gate().rule(now.call()) instanceof Ruling.Refused forbidden) {
      // The policy may have become stricter since, in a restart.
      ended = CallRuns.Ended.refused(forbidden);
    } else {
      means.journal().answered(means.turn(), now.intent());
      ended = means.runs().run(now.call());
    }
    store(now.intent(), ended, now.intent().position() + 1);
  }

  private static Optional<ToolResult> refusal(ToolCall call, Approval answer) {
    String reason = answer.question().reason();
    return switch (answer.status()) {
      case ONCE, TURN, ALWAYS -> {
        boolean same =
            CallArguments.of(call.arguments()).hash().equals(answer.question().argumentsHash());
        yield same
            ? Optional.empty()
            : Optional.of(ToolResult.blocked("the arguments are not those that were allowed"));
      }
      case DENY ->
          Optional.of(
              ToolResult.blocked(
                  "the user was asked, because "
                      + reason
                      + ", and said no. Do not try it another"
                      + " way; say what you wanted to do and why"));
      case EXPIRED ->
          Optional.of(
              ToolResult.blocked(
                  "the user was asked, because " + reason + ", and did not answer in time"));
      case PENDING, CANCELLED ->
          Optional.of(ToolResult.blocked("the question about this call was withdrawn"));
    };
  }

  private List<FutureTask<CallRuns.Ended>> launch(List<Planned> now) {
    List<FutureTask<CallRuns.Ended>> tasks = new ArrayList<>();
    for (Planned planned : now) {
      FutureTask<CallRuns.Ended> task = new FutureTask<>(() -> execute(planned));
      tasks.add(task);
      if (now.size() > 1) {
        Thread.ofVirtual().name("tool-" + planned.call().name()).start(task);
      }
    }
    if (now.size() == 1) {
      // Alone, on the turn's own thread: an interrupt reaches the tool, which ends before the turn.
      tasks.getFirst().run();
    }
    return tasks;
  }

  private CallRuns.Ended execute(Planned planned) throws InterruptedException {
    return planned.ruling() instanceof Ruling.Refused refused
        ? CallRuns.Ended.refused(refused)
        : means.runs().run(planned.call());
  }

  private static CallRuns.Ended await(FutureTask<CallRuns.Ended> task) throws InterruptedException {
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

  /**
   * @param next the call to go on with; -1 for none
   */
  private void store(Intent intent, CallRuns.Ended ended, int next) {
    // A turn that is being stopped stores what has ended, but starts nothing.
    boolean stopping = means.running().reason().isPresent();
    List<Intent> starting = next < 0 || stopping ? List.of() : plan(next);
    String name = intent.call().name();
    means
        .journal()
        .ended(
            means.turn(),
            new Outcome(
                intent.step(),
                intent.position(),
                intent.call(),
                ended.result(),
                ended.events(name)),
            starting);
    means.files().addAll(ended.files());
    means.images().add(name, ended.images());
  }
}
