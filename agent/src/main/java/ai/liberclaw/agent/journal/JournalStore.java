package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;
import static ai.liberclaw.db.agent.Tables.TOOL_CALLS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.Journal;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEvent;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** The write-ahead journal of turns, one transaction per entry. */
public final class JournalStore implements Journal {
  private static final String STARTED = "started";
  private static final String ENDED = "ended";
  private static final String FILE = new TurnEvent.File("", "").wireName();

  private final DSLContext sql;
  private final CommitQueue commits;
  private final TurnStore turns;
  private final MessageStore messages;
  private final EventStore events;
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets in what is stored
   */
  public JournalStore(
      DSLContext sql,
      CommitQueue commits,
      MessageStore messages,
      EventStore events,
      UnaryOperator<String> mask) {
    this.sql = sql;
    this.commits = commits;
    this.turns = new TurnStore(sql);
    this.messages = messages;
    this.events = events;
    this.mask = mask;
  }

  @Override
  public Turn queue(NewTurn turn) {
    return commits.commit(tx -> turns.insert(tx, turn));
  }

  @Override
  public Optional<Turn> find(String chatId, String clientMessageId) {
    return turns.find(chatId, clientMessageId);
  }

  @Override
  public List<Unfinished> unfinished() {
    return turns.unfinished();
  }

  @Override
  public List<Unfinished> unfinishedBefore(Turn turn) {
    return turns.unfinishedBefore(turn);
  }

  @Override
  public void start(Turn turn, boolean fresh) {
    commits.run(tx -> {
      if (fresh) {
        messages.setAside(tx, turn.chatId());
      }
      turns.started(tx, turn);
      // As it was sent: text, or blocks as JSON.
      messages.insert(tx, turn, new Message.User(turn.message()));
    });
  }

  @Override
  public Progress restart(Turn turn) {
    commits.run(tx -> turns.addRestarts(tx, turn, 1));
    return progress(turn);
  }

  @Override
  public void handOver(Turn turn) {
    commits.run(tx -> turns.addRestarts(tx, turn, -1));
  }

  @Override
  public void replied(Turn turn, int step, Reply reply, List<Intent> starting) {
    commits.run(tx -> {
      messages.insert(tx, turn, new Message.Assistant(reply.text(), reply.toolCalls()));
      List<TurnEvent> shown = new ArrayList<>();
      if (!reply.text().isBlank()) {
        shown.add(new TurnEvent.Text(reply.text()));
      }
      begin(tx, turn, starting, shown);
      events.append(tx, turn, shown);
    });
  }

  @Override
  public void starting(Turn turn, List<Intent> intents) {
    commits.run(tx -> {
      List<TurnEvent> shown = new ArrayList<>();
      begin(tx, turn, intents, shown);
      events.append(tx, turn, shown);
    });
  }

  @Override
  public void ended(Turn turn, Outcome outcome, List<Intent> starting) {
    commits.run(tx -> {
      store(tx, turn, outcome);
      List<TurnEvent> shown = new ArrayList<>();
      outcome
          .result()
          .file()
          .ifPresent(file -> shown.add(new TurnEvent.File(file.path(), file.caption())));
      begin(tx, turn, starting, shown);
      events.append(tx, turn, shown);
    });
  }

  @Override
  public void end(Turn turn, Ending ending) {
    commits.run(tx -> {
      ending.closed().forEach(outcome -> store(tx, turn, outcome));
      ending
          .text()
          .ifPresent(text -> messages.insert(tx, turn, new Message.Assistant(text, List.of())));
      turns.ended(tx, turn, ending.state(), ending.failure());
      for (Notice notice : ending.notices()) {
        boolean finalText = notice.source().equals(Notice.CHAT);
        NoticeStore.insert(tx, notice, finalText ? Optional.of(turn.id()) : Optional.empty());
      }
      events.append(tx, turn, ending.events());
    });
  }

  @Override
  public Progress progress(Turn turn) {
    List<String> texts = new ArrayList<>();
    List<ToolCall> calls = List.of();
    int steps = 0;
    for (Message message : messages.ofTurn(turn)) {
      if (message instanceof Message.Assistant(String content, List<ToolCall> made)) {
        if (!content.isBlank()) {
          texts.add(content);
        }
        if (!made.isEmpty()) {
          calls = made;
          steps++;
        }
      }
    }
    return new Progress(steps, open(turn, steps, calls), texts, files(turn));
  }

  @Override
  public int delete(String chatId) {
    return commits.commit(tx -> {
      Condition chatsTurns =
          TOOL_CALLS.TURN_ID.in(
              DSL.select(TURNS.ID)
                  .from(TURNS)
                  .where(TURNS.CHAT_ID.eq(chatId))
                  .and(TURNS.ENDED_AT.isNotNull()));
      tx.sql().deleteFrom(TOOL_CALLS).where(chatsTurns).execute();
      tx.sql().deleteFrom(EVENTS).where(EVENTS.CHAT_ID.eq(chatId)).execute();
      tx.sql()
          .deleteFrom(PENDING_MESSAGES)
          .where(PENDING_MESSAGES.CHAT_ID.eq(chatId))
          .and(PENDING_MESSAGES.TURN_ID.isNotNull())
          .execute();
      return messages.delete(tx, chatId);
    });
  }

  /** Stores that calls start, and what readers see of it. */
  private void begin(Transaction tx, Turn turn, List<Intent> intents, List<TurnEvent> shown) {
    for (Intent intent : intents) {
      insertCall(tx, turn, intent.step(), intent.position(), intent.call(), STARTED);
      shown.add(new TurnEvent.ToolUse(intent.call().name(), intent.call().arguments()));
    }
  }

  private void store(Transaction tx, Turn turn, Outcome outcome) {
    ToolCall call = outcome.call();
    long row = messages.insert(tx, turn, new Message.Tool(call.id(), outcome.result().content()));
    Condition key =
        TOOL_CALLS
            .TURN_ID
            .eq(turn.id())
            .and(TOOL_CALLS.STEP.eq(outcome.step()))
            .and(TOOL_CALLS.POSITION.eq(outcome.position()));
    if (!tx.sql().fetchExists(TOOL_CALLS, key)) {
      insertCall(tx, turn, outcome.step(), outcome.position(), call, ENDED);
    }
    tx.sql()
        .update(TOOL_CALLS)
        .set(TOOL_CALLS.STATE, ENDED)
        .set(TOOL_CALLS.IS_ERROR, outcome.result().isError())
        .set(TOOL_CALLS.MESSAGE_ID, row)
        .set(TOOL_CALLS.ENDED_AT, System.currentTimeMillis())
        .where(key)
        .execute();
  }

  private void insertCall(
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

  /** The calls of a reply with what is known of each; none when all have ended. */
  private List<OpenCall> open(Turn turn, int step, List<ToolCall> calls) {
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
            case STARTED -> CallState.STARTED;
            case ENDED -> CallState.ENDED;
            default -> CallState.NOT_STARTED;
          };
      open.add(new OpenCall(open.size(), call, state));
    }
    return open.stream().allMatch(call -> call.state() == CallState.ENDED) ? List.of() : open;
  }

  private List<SentFile> files(Turn turn) {
    return sql.select(EVENTS.JSON)
        .from(EVENTS)
        .where(EVENTS.CHAT_ID.eq(turn.chatId()))
        .and(EVENTS.TURN_ID.eq(turn.id()))
        .and(EVENTS.TYPE.eq(FILE))
        .orderBy(EVENTS.SEQ)
        .fetch(r -> {
          JsonNode json = Json.parse(r.value1());
          return new SentFile(json.path("path").asText(), json.path("caption").asText());
        });
  }
}
