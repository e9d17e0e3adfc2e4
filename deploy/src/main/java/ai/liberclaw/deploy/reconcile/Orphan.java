package ai.liberclaw.deploy.reconcile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that a provider has of ours and nobody owns.
 *
 * @param externalId its name at the provider
 * @param handle enough to destroy it
 */
public record Orphan(
    String provider,
    String externalId,
    ObjectNode handle,
    State state,
    Instant firstSeenAt,
    Instant destroyAfter,
    Optional<String> errorCode) {
  /** Stored in lower case. */
  public enum State {
    /** Left alone until its time. */
    QUARANTINED,
    /** Too many at once: waits for the operator. */
    HELD,
    /** The operator said that it may go. */
    APPROVED,
    DESTROYED,
    /** Somebody owns it after all, or the operator said that it stays. */
    OWNED;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT));
    }
  }
}
