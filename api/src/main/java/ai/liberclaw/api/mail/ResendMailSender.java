package ai.liberclaw.api.mail;

import com.resend.Resend;
import com.resend.core.exception.ResendException;
import com.resend.core.net.RequestOptions;
import com.resend.services.emails.Emails;
import com.resend.services.emails.model.CreateEmailOptions;
import java.util.Set;
import java.util.UUID;

/** Hands mails to Resend, each under its id, so that one that was tried twice is sent once. */
public final class ResendMailSender implements MailSender {
  /** Refusals that a later try may not meet: timeout, same id under way, too many requests. */
  private static final Set<Integer> TEMPORARY = Set.of(408, 409, 425, 429);

  private final Emails emails;
  private final String from;

  /**
   * @param from the sender, with or without a display name
   */
  public ResendMailSender(String apiKey, String from) {
    this.emails = new Resend(apiKey).emails();
    this.from = from;
  }

  @Override
  public void send(UUID id, String recipient, Mail mail) throws MailException {
    CreateEmailOptions options =
        CreateEmailOptions.builder()
            .from(from)
            .to(recipient)
            .subject(mail.subject())
            .html(mail.html())
            .text(mail.text())
            .addHeader("Auto-Submitted", "auto-generated")
            .build();
    try {
      emails.send(options, RequestOptions.builder().setIdempotencyKey(id.toString()).build());
    } catch (ResendException e) {
      throw refusal(e);
    } catch (RuntimeException e) {
      // What its HTTP client makes of a broken connection.
      throw MailException.temporary("no answer from Resend: " + e.getClass().getSimpleName());
    }
  }

  /** Says the status alone: Resend's text may name the recipient. */
  public static MailException refusal(ResendException e) {
    Integer status = e.getStatusCode();
    if (status == null) {
      return MailException.temporary("no answer from Resend");
    }
    String text = "Resend answered " + status;
    return status >= 400 && status < 500 && !TEMPORARY.contains(status)
        ? MailException.permanent(text)
        : MailException.temporary(text);
  }
}
