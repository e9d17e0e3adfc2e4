package ai.liberclaw.api.mail;

import java.util.UUID;

/** Hands a mail to the world. */
public interface MailSender {
  /**
   * Returns when the mail was accepted. Interrupting the thread ends it.
   *
   * @param id the same each time one mail is tried, so that the other side may know it again
   * @throws MailException when it was not accepted
   */
  void send(UUID id, String recipient, Mail mail) throws MailException;
}
