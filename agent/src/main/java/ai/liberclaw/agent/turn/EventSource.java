package ai.liberclaw.agent.turn;

import java.util.List;
import java.util.Optional;

/** The stored log of events, and what readers got of it. */
public interface EventSource {
  /** At most {@code limit} events of a chat above a number, ascending. */
  List<LoggedEvent> after(String chatId, long seq, int limit);

  /** The number of the chat's last event; 0 when it never had one. Outlives the events. */
  long lastSeq(String chatId);

  /** The number of the oldest event that is still there. */
  Optional<Long> firstSeq(String chatId);

  /** The number of a turn's first event. */
  Optional<Long> firstSeqOf(String turnId);

  /** A turn by its id, also one that ended long ago. */
  Optional<Turn> turn(String turnId);

  /** A reader has got past the final text of a turn: it need not be kept for fetching. */
  void delivered(Turn turn);

  /** A reader has seen everything up to this number before. */
  void deliveredUpTo(String chatId, long seq);

  /** The reader that took the final text was gone before the turn's end. */
  void undelivered(Turn turn);
}
