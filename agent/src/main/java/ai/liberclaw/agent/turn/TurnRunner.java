package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.ReplyListener;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.Journal.Ending;
import ai.liberclaw.agent.turn.Journal.Outcome;
import ai.liberclaw.agent.turn.Journal.Progress;
import ai.liberclaw.core.error.ErrorId;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The loop of one turn: ask the model, run the tools it calls, until it answers without calling
 * any. Everything is stored before it is shown; the loop can go on from what is stored.
 */
final class TurnRunner {
  private static final Logger LOG = System.getLogger(TurnRunner.class.getName());

  private final Journal journal;
  private final EventLog log;
  private final Model model;
  private final Turn turn;
  private final TurnSetup setup;
  private final CallGate gate;
  private final RunningTurn running;
  private final List<String> texts;
  private final List<SentFile> files;
  private final Progress progress;
  private final Spending spending = new Spending();
  private final RoundImages images = new RoundImages();

  /** The same to the end of the turn. */
  private List<ToolDefinition> tools = List.of();

  private int steps;

  /**
   * @param progress what an earlier run of this turn has stored
   */
  TurnRunner(
      Journal journal,
      EventLog log,
      Model model,
      TurnSetup setup,
      CallGate gate,
      RunningTurn running,
      Progress progress) {
    this.journal = journal;
    this.log = log;
    this.model = model;
    this.turn = running.turn();
    this.setup = setup;
    this.gate = gate;
    this.running = running;
    this.progress = progress;
    this.steps = progress.steps();
    this.texts = new ArrayList<>(progress.texts());
    this.files = new ArrayList<>(progress.files());
  }

  /**
   * Runs to the end, which is stored then.
   *
   * @return empty when the turn was handed over to the agent's next start
   */
  Optional<TurnEnd> run() {
    try {
      return Optional.of(loop());
    } catch (InterruptedException e) {
      return stopped();
    } catch (ModelException e) {
      if (running.reason().isPresent()) {
        return stopped();
      }
      LOG.log(Level.WARNING, "turn.model_failed turn={0} code={1}", turn.id(), e.code());
      TurnFailure failure = TurnFailure.of(e);
      return Optional.of(fail(TurnState.FAILED, failure, Optional.of(failure.message())));
    } catch (RuntimeException | Error e) {
      // An error too, such as a stack that overflows on hostile input: the turn must get its end.
      String id = ErrorId.next();
      LOG.log(Level.ERROR, "turn.failed turn=" + turn.id() + " error=" + id, e);
      if (running.reason().isPresent()) {
        return stopped();
      }
      TurnFailure failure = TurnFailure.internal(id);
      return Optional.of(fail(TurnState.FAILED, failure, Optional.of(failure.message())));
    }
  }

  private TurnEnd loop() throws ModelException, InterruptedException {
    tools = gate.offered();
    if (!progress.calls().isEmpty()) {
      round(steps, progress.calls()).resume();
    }
    while (steps < setup.stepsMax()) {
      running.check();
      Reply reply = ask();
      if (reply.isEmpty()) {
        reply = ask();
      }
      running.check();
      if (reply.isEmpty()) {
        return fail(TurnState.FAILED, TurnFailure.EMPTY_REPLY, Optional.empty());
      }
      if (reply.toolCalls().isEmpty()) {
        return done(reply.text());
      }
      steps++;
      ToolRound round = round(steps, ToolRound.of(reply.toolCalls()));
      journal.replied(turn, steps, reply, spending.take(), round.first());
      if (!reply.text().isBlank()) {
        texts.add(reply.text());
      }
      round.run();
    }
    return done(
        "I stopped here: this message reached the limit of "
            + setup.stepsMax()
            + " steps. Say \"continue\" and I will go on from this point.");
  }

  private ToolRound round(int step, List<Journal.OpenCall> calls) {
    CallRuns runs = new CallRuns(turn, setup, gate);
    return new ToolRound(
        new ToolRound.Means(journal, turn, setup.tools(), running, gate, runs, files, images),
        step,
        calls);
  }

  private Reply ask() throws ModelException, InterruptedException {
    try {
      return ask(false);
    } catch (ModelException e) {
      if (e.code() != ModelException.ErrorCode.CONTEXT_OVERFLOW) {
        throw e;
      }
      LOG.log(Level.INFO, "turn.too_long turn={0}", turn.id());
      return ask(true);
    }
  }

  private Reply ask(boolean shorten) throws ModelException, InterruptedException {
    List<Message> messages = setup.conversation().messages(turn, tools, shorten);
    running.check();
    Reply reply = model.reply(new ModelRequest(images.after(messages), tools), new Live());
    log.aside(turn, spending.add(model, reply));
    if (!reply.isEmpty()) {
      images.clear();
    }
    if (reply.text().isBlank()) {
      // It becomes no event, and is not the beginning of the next reply's text either.
      log.discarded(turn);
    }
    setup.conversation().observed(turn, reply.usage());
    return reply;
  }

  private TurnEnd done(String text) {
    texts.add(text);
    return end(
        new TurnEnd(TurnState.DONE, texts, files, Optional.empty()),
        List.of(),
        Optional.of(text),
        List.of(new TurnEvent.Text(text), new TurnEvent.Done()));
  }

  private Optional<TurnEnd> stopped() {
    // Whatever is stored from here on must not be broken off by the interrupt that led here.
    boolean ignored = Thread.interrupted();
    return switch (running.reason().orElse(RunningTurn.Stop.CANCELLED)) {
      case HANDED_OVER -> {
        journal.handOver(turn);
        yield Optional.empty();
      }
      case CANCELLED ->
          Optional.of(fail(TurnState.CANCELLED, TurnFailure.CANCELLED, Optional.empty()));
      case TIMEOUT -> {
        TurnFailure failure = TurnFailure.timeout(setup.timeMax());
        yield Optional.of(fail(TurnState.FAILED, failure, Optional.of(failure.message())));
      }
    };
  }

  /**
   * @param notice stored as the assistant's last word, so that the history shows what happened
   */
  private TurnEnd fail(TurnState state, TurnFailure failure, Optional<String> notice) {
    Progress now = journal.progress(turn);
    return end(
        new TurnEnd(state, texts, files, Optional.of(failure)),
        ToolRound.close(now.steps(), now.calls()),
        notice,
        List.of(new TurnEvent.Failed(failure), new TurnEvent.Done()));
  }

  /** Ends a turn that is not to run any more. */
  TurnEnd giveUp(TurnState state, TurnFailure failure) {
    return fail(state, failure, Optional.empty());
  }

  private TurnEnd end(
      TurnEnd end, List<Outcome> closed, Optional<String> text, List<TurnEvent> events) {
    List<Notice> notices = setup.outlet().notices(turn, end);
    journal.end(
        turn,
        new Ending(end.state(), end.failure(), spending.take(), closed, text, events, notices));
    LOG.log(
        Level.INFO,
        "turn.ended turn={0} state={1} steps={2}",
        turn.id(),
        end.state().wireName(),
        String.valueOf(steps));
    return end;
  }

  private final class Live implements ReplyListener {
    @Override
    public void textDelta(String delta) {
      log.delta(turn, delta);
    }

    @Override
    public void discarded() {
      log.discarded(turn);
    }
  }
}
