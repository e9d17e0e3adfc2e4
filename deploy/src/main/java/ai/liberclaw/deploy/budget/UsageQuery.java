package ai.liberclaw.deploy.budget;

import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What is asked of a user's meters.
 *
 * @param from the first UTC day
 * @param to the last one
 * @param agent of this agent alone, which may be gone
 * @param by what is told apart; the rest is summed up
 * @param limit rows at most
 * @param offset rows left out at the beginning
 */
public record UsageQuery(
    UUID userId,
    LocalDate from,
    LocalDate to,
    Optional<UUID> agent,
    Optional<String> model,
    Set<By> by,
    long limit,
    long offset) {
  /** What meters tell apart. */
  public enum By {
    DAY,
    AGENT,
    MODEL
  }

  public UsageQuery {
    by = Set.copyOf(by);
    if (to.isBefore(from)) {
      throw new IllegalArgumentException("no such days: " + from + " to " + to);
    }
  }
}
