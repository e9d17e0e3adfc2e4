package ai.liberclaw.agent.chat;

import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnOutlet;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Keeps the final text of a person's turn for fetching, in case no reader is there for it. A client
 * that resumes reads it from the event log instead.
 */
public final class ChatOutlet implements TurnOutlet {
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets in what is left
   */
  public ChatOutlet(UnaryOperator<String> mask) {
    this.mask = mask;
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    if (turn.resumes()) {
      return List.of();
    }
    return end.finalText()
        .map(text -> List.of(new Notice(turn.chatId(), Notice.CHAT, mask.apply(text))))
        .orElse(List.of());
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    // The event log tells everybody who is interested.
  }
}
