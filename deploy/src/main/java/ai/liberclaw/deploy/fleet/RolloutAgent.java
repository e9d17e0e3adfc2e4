package ai.liberclaw.deploy.fleet;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * One agent of a rollout.
 *
 * @param release where it is brought
 * @param deployment its last update in this rollout
 * @param previousRelease what it ran before
 * @param errorCode why it failed or was left out
 */
public record RolloutAgent(
    UUID agentId,
    int wave,
    Status status,
    String release,
    Optional<UUID> deployment,
    Optional<String> previousRelease,
    Optional<String> errorCode) {
  /** How far it is. */
  public enum Status {
    WAITING,
    UPDATING,
    UPDATED,
    /** It could not be updated, did not stay well, or could not go back. */
    FAILED,
    /** It is not touched, or was not in the end. */
    SKIPPED,
    RETURNING,
    RETURNED;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Status of(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT));
    }
  }
}
