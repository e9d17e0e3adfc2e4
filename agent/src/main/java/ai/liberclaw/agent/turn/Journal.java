package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.approval.Question;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.tool.ToolResult;
import java.util.List;
import java.util.Optional;

/**
 * The durable record of turns. Each method that changes something is one transaction, durable when
 * it returns; the events of a transaction are in the log by then and have been shown to the {@link
 * EventLog}. An interrupt does not break off a transaction: it stays pending.
 */
public interface Journal {
  /** Stores a waiting turn. */
  Turn queue(NewTurn turn);

  /** The turn of a message that its sender named, in whatever state. */
  Optional<Turn> find(String chatId, String clientMessageId);

  /** All turns that have not ended, in the order of their arrival. */
  List<Unfinished> unfinished();

  /**
   * Turns of the same chat that came before and have no end, because it could not be stored; in the
   * order of their arrival.
   */
  List<Unfinished> unfinishedBefore(Turn turn);

  /**
   * A waiting turn begins: its message becomes the user's row.
   *
   * @param fresh earlier rows of the chat leave the model's sight
   */
  void start(Turn turn, boolean fresh);

  /** A turn goes on after a restart, which is counted unless the turn waits for an answer. */
  Progress restart(Turn turn);

  /** A running turn is left to the next start of the agent, which will not count as a failure. */
  void handOver(Turn turn);

  /**
   * A reply that calls tools, with the calls that start at once.
   *
   * @param spent on this reply and on what led to it
   */
  void replied(Turn turn, int step, Reply reply, List<Spent> spent, List<Intent> starting);

  /** Calls that start, of a reply stored earlier. */
  void starting(Turn turn, List<Intent> intents);

  /** The call that a paused turn waited for starts: the turn runs again. */
  void answered(Turn turn, Intent intent);

  /** A call has ended, and others start. A turn that was paused for the call runs again. */
  void ended(Turn turn, Outcome outcome, List<Intent> starting);

  /** The turn ends, waiting or running. */
  void end(Turn turn, Ending ending);

  /**
   * What a running turn has done so far, unchanged.
   *
   * @see #restart
   */
  Progress progress(Turn turn);

  /** Deletes the rows and events of a chat, not its counter; returns the number of rows. */
  int delete(String chatId);

  /**
   * One call that starts, or that somebody is asked about: then the turn is paused.
   *
   * @param question absent for a call that starts
   */
  record Intent(int step, int position, ToolCall call, Optional<Question> question) {}

  /**
   * One call that has ended, or was closed without having run.
   *
   * @param shown to readers, in this order; a {@link TurnEvent.CallEnded} among them is kept beside
   *     the result
   */
  record Outcome(int step, int position, ToolCall call, ToolResult result, List<TurnEvent> shown) {}

  /**
   * A turn that has not ended.
   *
   * @param state waiting, running or paused
   * @param restarts how often it went on after the agent failed
   */
  record Unfinished(Turn turn, TurnState state, int restarts) {
    /** It has rows and events of its own. */
    boolean begun() {
      return state != TurnState.WAITING;
    }
  }

  /**
   * @param closed results of calls that were open
   * @param text an assistant row that closes the turn
   * @param spent since the last reply that called tools
   */
  record Ending(
      TurnState state,
      Optional<TurnFailure> failure,
      List<Spent> spent,
      List<Outcome> closed,
      Optional<String> text,
      List<TurnEvent> events,
      List<Notice> notices) {}

  /**
   * @param steps replies stored
   * @param calls of the last reply that still lacks results; empty when none does
   */
  record Progress(int steps, List<OpenCall> calls, List<String> texts, List<SentFile> files) {
    static final Progress NONE = new Progress(0, List.of(), List.of(), List.of());
  }

  /** One call of the last reply. */
  record OpenCall(int position, ToolCall call, CallState state) {}

  /** What is known of a call. */
  enum CallState {
    NOT_STARTED,
    /** Somebody was asked whether it may; it has not run. */
    ASKED,
    /** It may or may not have run. */
    STARTED,
    ENDED
  }
}
