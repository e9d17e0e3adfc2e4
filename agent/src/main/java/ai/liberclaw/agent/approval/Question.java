package ai.liberclaw.agent.approval;

import java.time.Duration;
import java.util.UUID;

/**
 * What is asked about one call.
 *
 * @param id of the approval
 * @param reason why somebody must decide, in words for that person
 * @param argumentsHash what the answer is bound to
 * @param expiresAt Unix milliseconds, after which no answer counts
 */
public record Question(
    String id, String reason, String argumentsHash, long createdAt, long expiresAt) {
  /** A new question, which waits for so long. */
  public static Question of(String reason, String argumentsHash, Duration time) {
    long now = System.currentTimeMillis();
    return new Question(
        UUID.randomUUID().toString(), reason, argumentsHash, now, now + time.toMillis());
  }
}
