package ai.liberclaw.agent.turn;

/**
 * One thing to write to a reader.
 *
 * @param seq 0 for what has no number
 */
public record StreamItem(long seq, String json) {
  static StreamItem unnumbered(String json) {
    return new StreamItem(0, json);
  }
}
