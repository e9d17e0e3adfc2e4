package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.TOOL_CALLS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.turn.Journal.CallState;
import ai.liberclaw.agent.turn.Journal.Intent;
import ai.liberclaw.agent.turn.Journal.OpenCall;
import ai.liberclaw.agent.turn.Journal.Outcome;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEvent;
import ai.liberclaw.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The tool calls of turns: what was begun, what has ended, and how. */
final class CallStore {
  /** Shown, and somebody is asked about it; it has not run. */
  private static final String BEGUN = "begun";

  private static final String STARTED = "started";
  private static final String ENDED = "ended";

  private final DSLContext sql;
  private final MessageStore messages;
  private final ApprovalStore approvals;
  private final UnaryOperator<String> mask;

  CallStore(
      DSLContext sql, MessageStore messages, ApprovalStore approvals, UnaryOperator<String> mask) {
    this.sql = sql;
    this.messages = messages;
    this.approvals = approvals;
    this.mask = mask;
  }

  /**
   * Stores that calls start, or that somebody is asked about one.
   *
   * @param shown gets what readers see of it
   * @return true when the turn now waits for an answer
   */
  boolean begin(Transaction tx, Turn turn, List<Intent> intents, List<TurnEvent> shown) {
    boolean asks = false;
    for (Intent intent : intents) {
      ToolCall call = intent.call();
      shown.add(new TurnEvent.ToolUse(call.name(), call.arguments()));
      if (intent.question().isEmpty()) {
        insert(tx, turn, intent.step(), intent.position(), call, STARTED);
        continue;
      }
      asks = true;
      var question = intent.question().get();
      insert(tx, turn, intent.step(), intent.position(), call, BEGUN);
      approvals.insert(tx, turn, intent, question);
      shown.add(
          new TurnEvent.ApprovalRequired(
              question.id(),
              call.name(),
              call.arguments(),
              question.reason(),
              question.expiresAt()));
    }
    return asks;
  }

  /** A call that somebody was asked about starts. */
  void start(Transaction tx, Turn turn, Intent intent) {
    tx.sql()
        .update(TOOL_CALLS)
        .set(TOOL_CALLS.STATE, STARTED)
        .set(TOOL_CALLS.STARTED_AT, System.currentTimeMillis())
        .where(key(turn, intent.step(), intent.position()))
        .execute();
  }

  /**
   * Stores the end of a call and its result.
   *
   * @return true when somebody was asked about the call and it never started
   */
  boolean end(Transaction tx, Turn turn, Outcome outcome) {
    ToolCall call = outcome.call();
    @Nullable String facts = facts(outcome);
    long row =
        messages.insert(tx, turn, new Message.Tool(call.id(), outcome.result().content()), facts);
    Condition key = key(turn, outcome.step(), outcome.position());
    Optional<String> state =
        tx.sql()
            .select(TOOL_CALLS.STATE)
            .from(TOOL_CALLS)
            .where(key)
            .fetchOptional(TOOL_CALLS.STATE);
    if (state.isEmpty()) {
      insert(tx, turn, outcome.step(), outcome.position(), call, ENDED);
    }
    tx.sql()
        .update(TOOL_CALLS)
        .set(TOOL_CALLS.STATE, ENDED)
        .set(TOOL_CALLS.IS_ERROR, outcome.result().isError())
        .set(TOOL_CALLS.MESSAGE_ID, row)
        .set(TOOL_CALLS.ENDED_AT, System.currentTimeMillis())
        .where(key)
        .execute();
    return state.filter(BEGUN::equals).isPresent();
  }

  /** The calls of a reply with what is known of each; none when all have ended. */
  List<OpenCall> open(Turn turn, int step, List<ToolCall> calls) {
    Map<Integer, String> states =
        sql.select(TOOL_CALLS.POSITION, TOOL_CALLS.STATE)
            .from(TOOL_CALLS)
            .where(TOOL_CALLS.TURN_ID.eq(turn.id()))
            .and(TOOL_CALLS.STEP.eq(step))
            .fetchMap(TOOL_CALLS.POSITION, TOOL_CALLS.STATE);
    List<OpenCall> open = new ArrayList<>();
    for (ToolCall call : calls) {
      CallState state =
          switch (states.getOrDefault(open.size(), "")) {
            case BEGUN -> CallState.ASKED;
            case STARTED -> CallState.STARTED;
            case ENDED -> CallState.ENDED;
            default -> CallState.NOT_STARTED;
          };
      open.add(new OpenCall(open.size(), call, state));
    }
    return open.stream().allMatch(call -> call.state() == CallState.ENDED) ? List.of() : open;
  }

  /** Deletes the calls of a chat's turns that have ended. */
  void delete(Transaction tx, String chatId) {
    tx.sql()
        .deleteFrom(TOOL_CALLS)
        .where(
            TOOL_CALLS.TURN_ID.in(
                DSL.select(TURNS.ID)
                    .from(TURNS)
                    .where(TURNS.CHAT_ID.eq(chatId))
                    .and(TURNS.ENDED_AT.isNotNull())))
        .execute();
  }

  private static @Nullable String facts(Outcome outcome) {
    for (TurnEvent event : outcome.shown()) {
      if (event instanceof TurnEvent.CallEnded ended) {
        return Json.write(ended.facts());
      }
    }
    return null;
  }

  private static Condition key(Turn turn, int step, int position) {
    return TOOL_CALLS
        .TURN_ID
        .eq(turn.id())
        .and(TOOL_CALLS.STEP.eq(step))
        .and(TOOL_CALLS.POSITION.eq(position));
  }

  private void insert(
      Transaction tx, Turn turn, int step, int position, ToolCall call, String state) {
    boolean starts = state.equals(STARTED);
    tx.sql()
        .insertInto(TOOL_CALLS)
        .set(TOOL_CALLS.TURN_ID, turn.id())
        .set(TOOL_CALLS.STEP, step)
        .set(TOOL_CALLS.POSITION, position)
        .set(TOOL_CALLS.CALL_ID, call.id())
        .set(TOOL_CALLS.NAME, call.name())
        .set(TOOL_CALLS.ARGUMENTS, mask.apply(call.arguments()))
        .set(TOOL_CALLS.CUT_OFF, call.cutOff())
        .set(TOOL_CALLS.STATE, state)
        .set(TOOL_CALLS.STARTED_AT, starts ? System.currentTimeMillis() : null)
        .execute();
  }
}
