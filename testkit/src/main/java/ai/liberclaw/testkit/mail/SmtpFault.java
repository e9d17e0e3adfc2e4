package ai.liberclaw.testkit.mail;

import java.time.Duration;

/**
 * What goes wrong, once, when a command comes. A command is its first word in capitals; {@code
 * GREETING} stands for the start of the conversation and {@code END} for the end of a mail's data.
 */
public sealed interface SmtpFault {
  String command();

  /**
   * The command is answered with this and not carried out.
   *
   * @param reply as it goes on the wire, such as {@code 451 4.3.0 Try again later}
   */
  record Reply(String command, String reply) implements SmtpFault {}

  /** The command is carried out, and the connection ends without an answer. */
  record Cut(String command) implements SmtpFault {}

  /** The command is carried out, and answered after a while. */
  record Slow(String command, Duration delay) implements SmtpFault {}
}
