package ai.liberclaw.testkit.aleph;

import java.time.Duration;
import java.util.Map;

/** What goes wrong with one request. */
public sealed interface Fault {
  /** This answer; nothing is done. */
  record Status(int status, String body, Map<String, String> headers) implements Fault {
    public Status {
      headers = Map.copyOf(headers);
    }

    public Status(int status, String body) {
      this(status, body, Map.of());
    }
  }

  /** The right answer, later. */
  record Late(Duration delay) implements Fault {}

  /** A half-open connection: the request is read, nothing is done, no byte ever comes back. */
  record Silence() implements Fault {}

  /** The connection is reset before anything is done. */
  record Reset() implements Fault {}

  /** It is done, and the connection is reset instead of the answer. */
  record AnswerLost() implements Fault {}

  /** It is done, and no byte ever comes back. */
  record AnswerSilent() implements Fault {}

  /** It is done, and the answer breaks off in its middle. */
  record AnswerCut() implements Fault {}

  /** Nothing is done; the answer is 200 with a page instead of JSON. */
  record Malformed() implements Fault {}

  /** Nothing is done; the answer is 200 and never ends. */
  record Endless() implements Fault {}

  /** Nothing is done; the answer sends the client elsewhere. */
  record Redirect(String location) implements Fault {}
}
