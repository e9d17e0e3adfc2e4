package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.turn.TurnState;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a job.
 *
 * @param handled everything that came due up to here has been seen to
 * @param turnId of its last run
 * @param state of its last run; absent before the first
 */
record Memo(Instant handled, Optional<String> turnId, Optional<TurnState> state) {
  static Memo fresh(Instant handled) {
    return new Memo(handled, Optional.empty(), Optional.empty());
  }

  Memo handledUpTo(Instant now) {
    return new Memo(now, turnId, state);
  }

  boolean running() {
    return state.filter(TurnState.RUNNING::equals).isPresent();
  }
}
