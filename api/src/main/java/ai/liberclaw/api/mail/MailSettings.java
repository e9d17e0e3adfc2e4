package ai.liberclaw.api.mail;

import ai.liberclaw.core.config.EnvReader;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/**
 * How mails leave: through an SMTP server, else through Resend, else to the console of a developer,
 * else not at all.
 *
 * @param from the sender of all mails
 * @param console whether a developer reads mails where the server prints them
 */
public record MailSettings(
    Optional<Smtp> smtp, Optional<String> resendKey, String from, boolean console) {
  private static final String P = "LIBERCLAW_";
  private static final String SMTP_PASSWORD = P + "SMTP_PASSWORD";
  private static final String RESEND_KEY = P + "RESEND_API_KEY";
  private static final String FROM = "LiberClaw <noreply@libertai.io>";

  /**
   * An SMTP server.
   *
   * @param login empty to send without one
   * @param useTls whether STARTTLS is demanded
   */
  public record Smtp(String host, int port, Optional<Login> login, boolean useTls) {}

  /** Who signs in at an SMTP server. */
  public record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[hidden]";
    }
  }

  /** Variables that hold secrets. */
  public static List<String> secretNames() {
    return List.of(SMTP_PASSWORD, RESEND_KEY);
  }

  /**
   * Reads the variables.
   *
   * @param devMode prints mails when there is no other way
   */
  public static MailSettings read(EnvReader env, boolean devMode) {
    String host = env.text(P + "SMTP_HOST", "", "mail server; it goes before Resend").strip();
    int port = (int) env.integer(P + "SMTP_PORT", 587, 1, 65_535, "port of the mail server");
    Optional<String> user = env.optional(P + "SMTP_USER", "login, used with a password alone");
    Optional<String> password = env.optional(SMTP_PASSWORD, "of the mail server");
    boolean useTls = env.flag(P + "SMTP_USE_TLS", true, "demand STARTTLS with a valid certificate");
    String from = env.text(P + "SMTP_FROM", FROM, "sender of all mails");
    try {
      InternetAddress _ = new InternetAddress(from, true);
    } catch (AddressException _) {
      env.problem(P + "SMTP_FROM", "must be an e-mail address, with or without a name");
    }
    Optional<String> resendKey = env.optional(RESEND_KEY, "sends mails through Resend");
    Optional<Login> login = user.flatMap(u -> password.map(p -> new Login(u, p)));
    Optional<Smtp> smtp =
        host.isEmpty() ? Optional.empty() : Optional.of(new Smtp(host, port, login, useTls));
    return new MailSettings(smtp, resendKey.map(String::strip), from, devMode);
  }

  /**
   * The way out; empty when there is none.
   *
   * @param out the developer's console
   */
  public Optional<MailSender> sender(PrintStream out) {
    if (smtp.isPresent()) {
      return Optional.of(smtpSender(smtp.get()));
    }
    if (resendKey.isPresent()) {
      return Optional.of(new ResendMailSender(resendKey.get(), from));
    }
    return console ? Optional.of(new ConsoleMailSender(out)) : Optional.empty();
  }

  private SmtpMailSender smtpSender(Smtp server) {
    SSLSocketFactory trust = (SSLSocketFactory) SSLSocketFactory.getDefault();
    return new SmtpMailSender(server, fromAddress(), trust);
  }

  /**
   * Whether mails would leave, as far as that can be seen without sending one: an SMTP server is
   * connected to and signed in at.
   *
   * @throws MailException when they would not
   */
  public void reach() throws MailException {
    if (smtp.isPresent()) {
      smtpSender(smtp.get()).reach();
    }
  }

  /** The sender, parsed. */
  public InternetAddress fromAddress() {
    try {
      return new InternetAddress(from, true);
    } catch (AddressException e) {
      throw new IllegalStateException("the sender was checked when it was read", e);
    }
  }

  @Override
  public String toString() {
    return "MailSettings[secrets hidden]";
  }
}
