package ai.liberclaw.agent.turn;

/**
 * One event with its place in the chat's log.
 *
 * @param seq dense per chat, from 1
 * @param json one line of ASCII, as it is sent
 */
public record LoggedEvent(String chatId, long seq, String turnId, String type, String json) {
  boolean endsTurn() {
    return type.equals(TurnEvent.DONE);
  }
}
