package ai.liberclaw.deploy.aleph;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What the network makes of a message.
 *
 * @param rejection why it was refused; only of a rejected one
 */
public record MessageStatus(State state, Optional<Rejection> rejection) {
  /** The network's own words. */
  public enum State {
    /** Not known, or not yet: it may be on its way. */
    UNKNOWN,
    PENDING,
    PROCESSED,
    REJECTED,
    FORGOTTEN,
    /** Credits ran out; the machine is about to go. */
    REMOVING,
    REMOVED
  }

  static MessageStatus of(JsonNode json) {
    State state =
        switch (json.path("status").asText()) {
          case "pending" -> State.PENDING;
          case "processed" -> State.PROCESSED;
          case "rejected" -> State.REJECTED;
          case "forgotten" -> State.FORGOTTEN;
          case "removing" -> State.REMOVING;
          case "removed" -> State.REMOVED;
          default -> State.UNKNOWN;
        };
    return new MessageStatus(
        state, state == State.REJECTED ? Optional.of(Rejection.of(json)) : Optional.empty());
  }

  static MessageStatus unknown() {
    return new MessageStatus(State.UNKNOWN, Optional.empty());
  }

  /** Whether nothing of it is left, nor charged. */
  public boolean gone() {
    return state == State.FORGOTTEN || state == State.REMOVED || state == State.REJECTED;
  }
}
