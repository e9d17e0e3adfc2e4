package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.ModelException;
import java.time.Duration;

/**
 * Why a turn did not end well.
 *
 * @param code machine word of the {@code error} event
 * @param message a sentence for the person who asked
 */
public record TurnFailure(String code, String message) {
  static final TurnFailure CANCELLED = new TurnFailure("cancelled", "Chat run was cancelled.");
  static final TurnFailure INTERRUPTED =
      new TurnFailure(
          "interrupted",
          "This message was cut off by a restart of the agent too often and was given up.");
  static final TurnFailure EMPTY_REPLY =
      new TurnFailure("inference_unavailable", "The model returned an empty response.");

  static TurnFailure of(ModelException e) {
    return new TurnFailure(e.code().wireName(), e.userMessage());
  }

  static TurnFailure timeout(Duration limit) {
    return new TurnFailure(
        "turn_timeout",
        "Stopped: this message took longer than the limit of " + limit.toSeconds() + " seconds.");
  }

  static TurnFailure internal(String errorId) {
    return new TurnFailure(
        "internal", "Something went wrong inside the agent (error " + errorId + ").");
  }
}
