package ai.liberclaw.deploy.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * A rollout as it stands.
 *
 * @param wave the one that goes on, from 0
 * @param waveEndedAt when the last of its agents was updated; it is watched since
 * @param reason why it ended or turned back
 * @param taken whether a server works on it
 */
public record Rollout(
    UUID id,
    Status status,
    int wave,
    int waveSize,
    Optional<Instant> waveEndedAt,
    Duration soak,
    int failuresMax,
    Optional<String> reason,
    boolean taken,
    Instant createdAt,
    Optional<Instant> endedAt) {
  /** Where it is. */
  public enum Status {
    RUNNING,
    ROLLING_BACK,
    SUCCEEDED,
    ROLLED_BACK,
    /** It turned back, and not every agent could. */
    HALTED,
    CANCELLED;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Status of(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT));
    }

    public boolean active() {
      return this == RUNNING || this == ROLLING_BACK;
    }
  }
}
