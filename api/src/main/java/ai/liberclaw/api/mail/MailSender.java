package ai.liberclaw.api.mail;

import java.io.IOException;

/** Hands a mail to the world. */
public interface MailSender {
  /**
   * Returns when the mail was accepted.
   *
   * @throws IOException when it was not; the mail is tried again later
   */
  void send(String recipient, Mail mail) throws IOException;
}
