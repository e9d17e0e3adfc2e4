package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;

/**
 * One stored row of a chat.
 *
 * @param id 0 for a row that stands in for one never stored
 * @param summary written by a compaction in place of earlier rows
 */
public record Row(long id, Message message, boolean summary) {
  /** A row that was said, not summarised. */
  public static Row of(long id, Message message) {
    return new Row(id, message, false);
  }

  Row with(Message other) {
    return new Row(id, other, summary);
  }
}
