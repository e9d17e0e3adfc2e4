package ai.liberclaw.testkit.idtoken;

import java.time.Duration;

/** What goes wrong with one request for the keys. */
public sealed interface KeyFault {
  /** An answer with this status and no keys. */
  record Status(int status) implements KeyFault {}

  /** The keys come after a while. */
  record Slow(Duration delay) implements KeyFault {}

  /** The connection ends within the keys. */
  record Cut() implements KeyFault {}

  /** No JSON. */
  record Malformed() implements KeyFault {}

  /** JSON of the right shape that holds no key. */
  record NoKeys() implements KeyFault {}

  /** The keys, and so many spaces. */
  record Large(int spaces) implements KeyFault {}

  /** A redirect to where the keys are. */
  record Redirect() implements KeyFault {}
}
