package ai.liberclaw.api.mail;

import java.io.IOException;

/**
 * Why a mail was not accepted. Neither message nor cause may hold an address: both are logged, and
 * what servers answer often repeats the recipient.
 */
public final class MailException extends IOException {
  private final boolean permanent;

  private MailException(String message, boolean permanent) {
    super(message);
    this.permanent = permanent;
  }

  /** It may go better later. */
  static MailException temporary(String message) {
    return new MailException(message, false);
  }

  /** The same mail would be refused again. */
  static MailException permanent(String message) {
    return new MailException(message, true);
  }

  /** Whether trying again is of no use. */
  public boolean permanent() {
    return permanent;
  }
}
