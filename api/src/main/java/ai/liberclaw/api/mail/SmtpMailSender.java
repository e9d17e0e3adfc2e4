package ai.liberclaw.api.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.net.IDN;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/**
 * Hands mails to a mail server. With encryption on, nothing is said to a server that does not offer
 * STARTTLS, or whose certificate is not trusted or not of the configured name.
 */
public final class SmtpMailSender implements MailSender {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss Z", Locale.ENGLISH);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(20);

  private final Session session;
  private final MailSettings.Smtp server;
  private final InternetAddress from;

  /**
   * @param from the sender, with or without a display name
   * @param trust makes the encrypted connections
   */
  public SmtpMailSender(MailSettings.Smtp server, InternetAddress from, SSLSocketFactory trust) {
    this.server = server;
    this.from = (InternetAddress) from.clone();
    Properties properties = new Properties();
    properties.put("mail.transport.protocol", "smtp");
    properties.put("mail.smtp.host", server.host());
    properties.put("mail.smtp.port", Integer.toString(server.port()));
    properties.put("mail.smtp.connectiontimeout", millis(CONNECT_MAX));
    properties.put("mail.smtp.timeout", millis(ANSWER_MAX));
    properties.put("mail.smtp.writetimeout", millis(ANSWER_MAX));
    properties.put("mail.smtp.starttls.enable", Boolean.toString(server.useTls()));
    properties.put("mail.smtp.starttls.required", Boolean.toString(server.useTls()));
    properties.put("mail.smtp.ssl.checkserveridentity", "true");
    properties.put("mail.smtp.ssl.socketFactory", trust);
    properties.put("mail.smtp.auth", Boolean.toString(server.login().isPresent()));
    // The mail is accepted by then; the answer to a goodbye changes nothing.
    properties.put("mail.smtp.quitwait", "false");
    properties.put("mail.mime.allowutf8", "true");
    this.session = Session.getInstance(properties);
  }

  @Override
  public void send(UUID id, String recipient, Mail mail) throws MailException {
    try {
      MimeMessage message = message(id, recipient, mail);
      Transport transport = session.getTransport();
      try {
        connect(transport);
        transport.sendMessage(message, message.getAllRecipients());
      } finally {
        close(transport);
      }
    } catch (MessagingException e) {
      throw refusal(e);
    }
  }

  /**
   * Connects, encrypts and signs in as for a mail, and sends none.
   *
   * @throws MailException when the server would not take one
   */
  public void reach() throws MailException {
    try {
      Transport transport = session.getTransport();
      try {
        connect(transport);
      } finally {
        close(transport);
      }
    } catch (MessagingException e) {
      throw refusal(e);
    }
  }

  private void connect(Transport transport) throws MessagingException {
    Optional<MailSettings.Login> login = server.login();
    if (login.isPresent()) {
      transport.connect(login.get().user(), login.get().password());
    } else {
      transport.connect();
    }
  }

  private static void close(Transport transport) {
    try {
      transport.close();
    } catch (MessagingException _) {
      // Whether the mail was accepted is known already.
    }
  }

  private MimeMessage message(UUID id, String recipient, Mail mail) throws MessagingException {
    MimeMessage message = new KnownMessage(session, "<" + id + "@" + domain(from) + ">");
    message.setFrom(from);
    InternetAddress to = new InternetAddress();
    to.setAddress(wireForm(recipient));
    message.setRecipient(Message.RecipientType.TO, to);
    message.setSubject(mail.subject(), UTF_8.name());
    message.setHeader("Date", DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
    message.setHeader("Auto-Submitted", "auto-generated");
    MimeBodyPart text = new MimeBodyPart();
    text.setText(mail.text(), UTF_8.name());
    MimeBodyPart html = new MimeBodyPart();
    html.setText(mail.html(), UTF_8.name(), "html");
    // Readers show the last form they can.
    message.setContent(new MimeMultipart("alternative", text, html));
    return message;
  }

  /** Domains in ASCII, which every server takes. */
  private static String wireForm(String address) {
    int at = address.lastIndexOf('@');
    return address.substring(0, at + 1) + IDN.toASCII(address.substring(at + 1));
  }

  private static String domain(InternetAddress address) {
    String text = address.getAddress();
    return IDN.toASCII(text.substring(text.lastIndexOf('@') + 1));
  }

  /** Says what happened without a word of the server's, which may name the recipient. */
  private static MailException refusal(MessagingException e) {
    Exception cause = e;
    while (cause != null) {
      int code = code(cause);
      if (code > 0) {
        String text = "SMTP server answered " + code;
        return code >= 500 ? MailException.permanent(text) : MailException.temporary(text);
      }
      if (cause instanceof AuthenticationFailedException) {
        boolean later = String.valueOf(cause.getMessage()).startsWith("4");
        String text = "SMTP server refused the login";
        return later ? MailException.temporary(text) : MailException.permanent(text);
      }
      cause = cause instanceof MessagingException nested ? nested.getNextException() : null;
    }
    Exception last = e;
    while (last instanceof MessagingException nested && nested.getNextException() != null) {
      last = nested.getNextException();
    }
    return MailException.temporary(
        "no mail accepted by the SMTP server: " + last.getClass().getSimpleName());
  }

  private static int code(Exception e) {
    return switch (e) {
      case SMTPAddressFailedException refused -> refused.getReturnCode();
      case SMTPSenderFailedException refused -> refused.getReturnCode();
      // Wraps what was said of the recipients; then theirs counts.
      case SMTPSendFailedException refused
          when !(refused.getNextException() instanceof SendFailedException) ->
          refused.getReturnCode();
      default -> 0;
    };
  }

  private static String millis(Duration time) {
    return Long.toString(time.toMillis());
  }

  /** Keeps its id, so that a mail accepted twice may be known as one. */
  private static final class KnownMessage extends MimeMessage {
    private final String id;

    KnownMessage(Session session, String id) {
      super(session);
      this.id = id;
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }
}
