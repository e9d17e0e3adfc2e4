package ai.liberclaw.agent.context;

import java.util.List;

/** The stored rows of chats. */
public interface History {
  /** The rows of a chat that were not compacted, all of them, in the order of the conversation. */
  List<Row> rows(String chatId);

  /**
   * Puts a summary in the place of rows, which stay stored but are no longer returned by {@link
   * #rows}. One transaction.
   *
   * @param rowIds in the order of the conversation, at least one; they need not be neighbours. The
   *     new pair takes the place of the first of them
   * @param summary whole text of the new user row, {@link Compaction#SUMMARY_TAG} included
   * @param acknowledgement text of the assistant row after it
   */
  void compact(String chatId, List<Long> rowIds, String summary, String acknowledgement);
}
