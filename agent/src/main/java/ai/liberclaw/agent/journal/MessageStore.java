package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.MESSAGES;

import ai.liberclaw.agent.context.History;
import ai.liberclaw.agent.context.Row;
import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.model.ContentBlocks;
import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.core.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jooq.DSLContext;
import org.jooq.Record6;
import org.jooq.Record7;
import org.jspecify.annotations.Nullable;

/** The rows of conversations. Their order is (position, id), never their time. */
public final class MessageStore implements History {
  /** How a summary of earlier rows begins; stored histories of the originals have it too. */
  private static final String SUMMARY_TAG = "[Earlier conversation summary]";

  /** What marks both rows of a summary that this agent wrote. */
  private static final String SUMMARY_METADATA = "{\"summary\":true}";

  private final DSLContext sql;
  private final CommitQueue commits;
  private final UnaryOperator<String> mask;

  /**
   * One row as it is shown to people.
   *
   * @param toolCalls raw JSON; null for none
   */
  public record Said(
      long id,
      String role,
      String content,
      @Nullable String toolCalls,
      @Nullable String toolCallId,
      long timestampMs) {}

  /**
   * @param mask hides secrets in what is stored
   */
  public MessageStore(DSLContext sql, CommitQueue commits, UnaryOperator<String> mask) {
    this.sql = sql;
    this.commits = commits;
    this.mask = mask;
  }

  @Override
  public List<Row> rows(String chatId) {
    return sql
        .select(
            MESSAGES.ID,
            MESSAGES.ROLE,
            MESSAGES.CONTENT,
            MESSAGES.TOOL_CALLS,
            MESSAGES.TOOL_CALL_ID,
            MESSAGES.METADATA)
        .from(MESSAGES)
        .where(MESSAGES.CHAT_ID.eq(chatId))
        .and(MESSAGES.COMPACTED.isFalse())
        .orderBy(MESSAGES.POSITION, MESSAGES.ID)
        .fetch(MessageStore::row)
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public void compact(String chatId, List<Long> rowIds, String summary, String acknowledgement) {
    commits.run(tx -> {
      long position =
          tx.sql()
              .select(MESSAGES.POSITION)
              .from(MESSAGES)
              .where(MESSAGES.ID.eq(rowIds.getFirst()))
              .fetchSingle()
              .value1();
      tx.sql()
          .update(MESSAGES)
          .set(MESSAGES.COMPACTED, true)
          .where(MESSAGES.CHAT_ID.eq(chatId))
          .and(MESSAGES.ID.in(rowIds))
          .execute();
      insertSummary(tx, chatId, position, "user", summary);
      insertSummary(tx, chatId, position, "assistant", acknowledgement);
    });
  }

  /** The newest rows of a chat, oldest first, without summaries: what was really said. */
  public List<Said> newest(String chatId, int limit) {
    List<Said> rows =
        new ArrayList<>(
            sql.select(
                    MESSAGES.ID,
                    MESSAGES.ROLE,
                    MESSAGES.CONTENT,
                    MESSAGES.TOOL_CALLS,
                    MESSAGES.TOOL_CALL_ID,
                    MESSAGES.CREATED_AT,
                    MESSAGES.METADATA)
                .from(MESSAGES)
                .where(MESSAGES.CHAT_ID.eq(chatId))
                .and(MESSAGES.METADATA.isNull().or(MESSAGES.METADATA.ne(SUMMARY_METADATA)))
                .orderBy(MESSAGES.POSITION.desc(), MESSAGES.ID.desc())
                .limit(limit)
                .fetch(MessageStore::said));
    Collections.reverse(rows);
    return rows;
  }

  /** The tool calls of the last assistant row with any before a row, as raw JSON. */
  public Optional<String> toolCallsBefore(String chatId, long id) {
    return sql.select(MESSAGES.TOOL_CALLS)
        .from(MESSAGES)
        .where(MESSAGES.CHAT_ID.eq(chatId))
        .and(MESSAGES.ID.lt(id))
        .and(MESSAGES.TOOL_CALLS.isNotNull())
        .orderBy(MESSAGES.ID.desc())
        .limit(1)
        .fetchOptional(MESSAGES.TOOL_CALLS);
  }

  /** Adds a row to the end of a turn's chat; returns its id. */
  long insert(Transaction tx, Turn turn, Message message) {
    String role =
        switch (message) {
          case Message.System _ -> "system";
          case Message.User _ -> "user";
          case Message.Assistant _ -> "assistant";
          case Message.Tool _ -> "tool";
        };
    @Nullable String calls =
        message instanceof Message.Assistant assistant && !assistant.toolCalls().isEmpty()
            ? mask.apply(Json.write(ToolCallJson.write(assistant.toolCalls())))
            : null;
    @Nullable String callId = message instanceof Message.Tool tool ? tool.callId() : null;
    return tx.sql()
        .insertInto(MESSAGES)
        .set(MESSAGES.CHAT_ID, turn.chatId())
        .set(MESSAGES.ROLE, role)
        .set(MESSAGES.CONTENT, mask.apply(message.content()))
        .set(MESSAGES.TOOL_CALLS, calls)
        .set(MESSAGES.TOOL_CALL_ID, callId)
        .set(MESSAGES.CREATED_AT, Timestamps.now())
        .set(MESSAGES.TURN_ID, turn.id())
        .returning(MESSAGES.ID)
        .fetchSingle(MESSAGES.ID);
  }

  /** Takes all rows of a chat out of the model's sight. */
  void setAside(Transaction tx, String chatId) {
    tx.sql()
        .update(MESSAGES)
        .set(MESSAGES.COMPACTED, true)
        .where(MESSAGES.CHAT_ID.eq(chatId))
        .and(MESSAGES.COMPACTED.isFalse())
        .execute();
  }

  /** The rows of one turn in the order they were written, whether compacted or not. */
  List<Message> ofTurn(Turn turn) {
    return sql
        .select(
            MESSAGES.ID,
            MESSAGES.ROLE,
            MESSAGES.CONTENT,
            MESSAGES.TOOL_CALLS,
            MESSAGES.TOOL_CALL_ID,
            MESSAGES.METADATA)
        .from(MESSAGES)
        .where(MESSAGES.TURN_ID.eq(turn.id()))
        .orderBy(MESSAGES.ID)
        .fetch(MessageStore::row)
        .stream()
        .flatMap(Optional::stream)
        .map(Row::message)
        .toList();
  }

  int delete(Transaction tx, String chatId) {
    return tx.sql().deleteFrom(MESSAGES).where(MESSAGES.CHAT_ID.eq(chatId)).execute();
  }

  private static void insertSummary(
      Transaction tx, String chatId, long position, String role, String content) {
    tx.sql()
        .insertInto(MESSAGES)
        .set(MESSAGES.CHAT_ID, chatId)
        .set(MESSAGES.ROLE, role)
        .set(MESSAGES.CONTENT, content)
        .set(MESSAGES.CREATED_AT, Timestamps.now())
        .set(MESSAGES.METADATA, SUMMARY_METADATA)
        .set(MESSAGES.POSITION, position)
        .execute();
  }

  private static Optional<Row> row(Record6<Long, String, String, String, String, String> stored) {
    @Nullable String text = stored.value3();
    String content = text == null ? "" : text;
    @Nullable String callId = stored.value5();
    boolean summary =
        SUMMARY_METADATA.equals(stored.value6())
            || (stored.value2().equals("user") && content.startsWith(SUMMARY_TAG));
    Optional<Message> message =
        switch (stored.value2()) {
          case "user" ->
              Optional.of(
                  ContentBlocks.message(content, VisionStore.descriptions(stored.value6())));
          case "assistant" ->
              Optional.of(new Message.Assistant(content, ToolCallJson.read(stored.value4())));
          case "tool" -> Optional.of(new Message.Tool(callId == null ? "" : callId, content));
          // Nothing else is part of a conversation.
          default -> Optional.empty();
        };
    return message.map(said -> new Row(stored.value1(), said, summary));
  }

  private static Said said(Record7<Long, String, String, String, String, String, String> stored) {
    @Nullable String text = stored.value3();
    return new Said(
        stored.value1(),
        stored.value2(),
        text == null ? "" : text,
        stored.value4(),
        stored.value5(),
        Timestamps.millis(stored.value6()));
  }
}
