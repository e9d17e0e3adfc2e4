package ai.liberclaw.testkit.oauth;

import java.time.Duration;

/** What goes wrong with one request. */
public sealed interface Fault {
  /** An HTML page with this status. */
  record Status(int status) implements Fault {}

  /** The connection ends within the answer. */
  record Cut() implements Fault {}

  /** 200, and this instead of what was asked for. */
  record Body(String text) implements Fault {}

  /** 200, and a body that does not end for long. */
  record Huge(long bytes) implements Fault {}

  /** The answer comes after a while. */
  record Slow(Duration delay) implements Fault {}
}
