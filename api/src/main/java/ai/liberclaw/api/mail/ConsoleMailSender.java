package ai.liberclaw.api.mail;

import java.io.PrintStream;
import java.util.UUID;

/** Prints mails instead of sending them. For development alone: they hold sign-in codes. */
public final class ConsoleMailSender implements MailSender {
  private final PrintStream out;

  public ConsoleMailSender(PrintStream out) {
    this.out = out;
  }

  @Override
  public void send(UUID id, String recipient, Mail mail) {
    out.printf("%n--- mail to %s: %s%n    %s%n---%n", recipient, mail.subject(), mail.text());
    out.flush();
  }
}
