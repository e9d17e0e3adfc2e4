package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.tool.SentFile;
import java.util.List;
import java.util.Optional;

/**
 * How a turn ended.
 *
 * @param texts of all its replies in order, also those before a restart
 * @param files sent to the user in order, also those before a restart
 * @param failure absent when it is done
 */
public record TurnEnd(
    TurnState state, List<String> texts, List<SentFile> files, Optional<TurnFailure> failure) {
  public TurnEnd {
    texts = List.copyOf(texts);
    files = List.copyOf(files);
  }

  /** The last reply's text; what a turn that is done answers. */
  public Optional<String> finalText() {
    return state == TurnState.DONE && !texts.isEmpty()
        ? Optional.of(texts.getLast())
        : Optional.empty();
  }
}
