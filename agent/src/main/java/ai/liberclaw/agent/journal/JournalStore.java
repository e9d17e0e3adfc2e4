package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;
import static ai.liberclaw.db.agent.Tables.RUNTIME_EVENTS;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.Journal;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.SideCalls;
import ai.liberclaw.agent.turn.Spent;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEvent;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jooq.DSLContext;

/** The write-ahead journal of turns, one transaction per entry. */
public final class JournalStore implements Journal {
  private static final String FILE = new TurnEvent.File("", "").wireName();

  private final DSLContext sql;
  private final CommitQueue commits;
  private final TurnStore turns;
  private final MessageStore messages;
  private final EventStore events;
  private final ApprovalStore approvals;
  private final UsageStore usage;
  private final CallStore calls;
  private final SideCalls sideCalls;

  /**
   * @param sideCalls what was counted for turns beside their own steps
   * @param mask hides secrets in what is stored
   */
  public JournalStore(
      DSLContext sql,
      CommitQueue commits,
      MessageStore messages,
      EventStore events,
      ApprovalStore approvals,
      SideCalls sideCalls,
      UnaryOperator<String> mask) {
    this.sql = sql;
    this.commits = commits;
    this.turns = new TurnStore(sql);
    this.messages = messages;
    this.events = events;
    this.approvals = approvals;
    this.sideCalls = sideCalls;
    this.usage = new UsageStore();
    this.calls = new CallStore(sql, messages, approvals, mask);
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
    commits.run(tx -> {
      usage.add(tx, turn, sideCalls.take(turn.id()));
      turns.addRestarts(tx, turn, -1);
    });
  }

  @Override
  public void replied(Turn turn, int step, Reply reply, List<Spent> spent, List<Intent> starting) {
    commits.run(tx -> {
      usage.add(tx, turn, sideCalls.take(turn.id()));
      usage.add(tx, turn, spent);
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
  public void answered(Turn turn, Intent intent) {
    commits.run(tx -> {
      calls.start(tx, turn, intent);
      turns.unpaused(tx, turn);
    });
  }

  @Override
  public void ended(Turn turn, Outcome outcome, List<Intent> starting) {
    commits.run(tx -> {
      if (calls.end(tx, turn, outcome)) {
        turns.unpaused(tx, turn);
      }
      List<TurnEvent> shown = new ArrayList<>(outcome.shown());
      begin(tx, turn, starting, shown);
      events.append(tx, turn, shown);
    });
  }

  @Override
  public void end(Turn turn, Ending ending) {
    commits.run(tx -> {
      approvals.cancel(tx, turn);
      usage.add(tx, turn, sideCalls.take(turn.id()));
      usage.add(tx, turn, ending.spent());
      for (Outcome closed : ending.closed()) {
        boolean ignored = calls.end(tx, turn, closed);
      }
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
    List<ToolCall> newest = List.of();
    int steps = 0;
    for (Message message : messages.ofTurn(turn)) {
      if (message instanceof Message.Assistant(String content, List<ToolCall> made)) {
        if (!content.isBlank()) {
          texts.add(content);
        }
        if (!made.isEmpty()) {
          newest = made;
          steps++;
        }
      }
    }
    return new Progress(steps, calls.open(turn, steps, newest), texts, files(turn));
  }

  @Override
  public int delete(String chatId) {
    return commits.commit(tx -> {
      calls.delete(tx, chatId);
      tx.sql().deleteFrom(EVENTS).where(EVENTS.CHAT_ID.eq(chatId)).execute();
      tx.sql().deleteFrom(RUNTIME_EVENTS).where(RUNTIME_EVENTS.CHAT_ID.eq(chatId)).execute();
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
    if (calls.begin(tx, turn, intents, shown)) {
      turns.paused(tx, turn);
    }
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
