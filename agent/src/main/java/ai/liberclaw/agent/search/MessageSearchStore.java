package ai.liberclaw.agent.search;

import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.TOOL_CALLS;

import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;

/**
 * The full text of all messages, also of those that were summarised. The index is kept by triggers
 * of the database.
 */
final class MessageSearchStore {
  private static final int SNIPPET_WORDS = 32;
  private static final Table<?> SEARCH = DSL.table(DSL.name("message_search"));
  private static final Field<Long> ROW = DSL.field(DSL.name("message_search", "rowid"), Long.class);
  private static final Field<String> SNIPPET =
      DSL.field(
          "snippet(message_search, 0, '>>>', '<<<', '…', " + SNIPPET_WORDS + ")", String.class);
  private static final Field<Double> RANK = DSL.field("rank", Double.class);

  /** What marks the rows of a summary, which repeats what was said. */
  private static final String SUMMARY_METADATA = "{\"summary\":true}";

  private final DSLContext sql;

  MessageSearchStore(DSLContext sql) {
    this.sql = sql;
  }

  /**
   * The best matches.
   *
   * @param query in FTS5's language
   * @param chatId absent: all chats of people
   * @param withoutTurn the turn that asks, which would find its own question
   * @return empty when the query is none
   */
  Optional<List<Hit>> find(String query, Optional<String> chatId, String withoutTurn, int limit) {
    Condition chats =
        chatId.map(MESSAGES.CHAT_ID::eq).orElse(MESSAGES.CHAT_ID.startsWith("__").not());
    try {
      return Optional.of(
          sql.select(MESSAGES.ID, MESSAGES.CHAT_ID, MESSAGES.ROLE, MESSAGES.CREATED_AT, SNIPPET)
              .from(SEARCH)
              .join(MESSAGES)
              .on(MESSAGES.ID.eq(ROW))
              .where(DSL.condition("message_search match {0}", DSL.val(query)))
              .and(chats)
              .and(MESSAGES.TURN_ID.isNull().or(MESSAGES.TURN_ID.ne(withoutTurn)))
              .and(MESSAGES.METADATA.isNull().or(MESSAGES.METADATA.ne(SUMMARY_METADATA)))
              .andNotExists(
                  // What an earlier search showed would be found again and again.
                  DSL.selectOne()
                      .from(TOOL_CALLS)
                      .where(TOOL_CALLS.TURN_ID.eq(MESSAGES.TURN_ID))
                      .and(TOOL_CALLS.MESSAGE_ID.eq(MESSAGES.ID))
                      .and(TOOL_CALLS.NAME.eq(SearchHistoryTool.NAME)))
              .orderBy(RANK)
              .limit(limit)
              .fetch(r -> new Hit(r.value1(), r.value2(), r.value3(), r.value4(), r.value5())));
    } catch (DataAccessException e) {
      if (isSyntax(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** FTS5 says so in words alone: its errors have no code of their own. */
  private static boolean isSyntax(DataAccessException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("fts5")
        || message.contains("no such column")
        || message.contains("unterminated string")
        || message.contains("unknown special query");
  }
}
