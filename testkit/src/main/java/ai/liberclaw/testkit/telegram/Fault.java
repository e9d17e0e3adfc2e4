package ai.liberclaw.testkit.telegram;

import java.time.Duration;

/** What goes wrong with one request. */
public sealed interface Fault {
  /** 429, and when to come back. */
  record RateLimit(int retryAfterSeconds) implements Fault {}

  /** An error of the API with this status. */
  record Status(int status, String description) implements Fault {}

  /** The method is carried out, and the connection ends within the answer. */
  record Cut() implements Fault {}

  /** The method is not carried out; the answer is no JSON. */
  record Malformed() implements Fault {}

  /** The method is carried out, and answered after a while. */
  record Slow(Duration delay) implements Fault {}
}
