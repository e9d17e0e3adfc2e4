package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.mail.ConsoleMailSender;
import ai.liberclaw.api.mail.Mail;
import ai.liberclaw.api.mail.MailException;
import ai.liberclaw.api.mail.MailOutbox;
import ai.liberclaw.api.mail.MailSettings;
import ai.liberclaw.api.mail.ResendMailSender;
import ai.liberclaw.api.mail.SmtpMailSender;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.mail.ReceivedMail;
import ai.liberclaw.testkit.mail.SmtpFault;
import ai.liberclaw.testkit.mail.SmtpServer;
import ai.liberclaw.testkit.mail.TestCertificate;
import com.resend.core.exception.ResendException;
import jakarta.mail.internet.InternetAddress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mails leave encrypted and once, and survive what mail servers do. */
@ExtendWith(Postgres.Extension.class)
class MailTest {
  private static final Mail MAIL = new Mail("Grüße", "<p>Grüße</p>", "Grüße");
  private static final SmtpServer.Login LOGIN = new SmtpServer.Login("lib", "pass word");

  private static SmtpMailSender sender(SmtpServer server, boolean tls, SSLSocketFactory trust)
      throws Exception {
    Optional<MailSettings.Login> login =
        server.login().map(l -> new MailSettings.Login(l.user(), l.password()));
    return new SmtpMailSender(
        new MailSettings.Smtp("localhost", server.port(), login, tls),
        new InternetAddress("LiberClaw <noreply@libertai.io>"),
        trust);
  }

  private static SSLSocketFactory anyTrust() {
    return (SSLSocketFactory) SSLSocketFactory.getDefault();
  }

  @Test
  void b19MailIsHandedOnlyToTheServerItIsMeantFor() throws Exception {
    SSLContext right = TestCertificate.of("dns:localhost");
    UUID id = UUID.randomUUID();
    try (SmtpServer server = new SmtpServer(Optional.of(right), Optional.of(LOGIN))) {
      sender(server, true, right.getSocketFactory()).send(id, "bob@example.com", MAIL);
      ReceivedMail mail = server.mails().getFirst();
      assertTrue(mail.encrypted());
      assertEquals("lib", mail.user());
      assertEquals("bob@example.com", mail.to());
      assertEquals("noreply@libertai.io", mail.from());
      assertTrue(mail.data().contains("Message-ID: <" + id + "@libertai.io>\r\n"), mail.data());
      assertTrue(mail.data().contains("multipart/alternative"), mail.data());

      refused(sender(server, true, anyTrust()), "a certificate that nobody trusts");
      assertEquals(1, server.mails().size());
    }
    SSLContext other = TestCertificate.of("dns:other.example");
    try (SmtpServer server = new SmtpServer(Optional.of(other), Optional.empty())) {
      refused(sender(server, true, other.getSocketFactory()), "a certificate of another name");
      assertEquals(List.of(), server.mails());
    }
    try (SmtpServer server = new SmtpServer(Optional.empty(), Optional.of(LOGIN))) {
      refused(sender(server, true, anyTrust()), "a server without STARTTLS");
      assertEquals(List.of(), server.mails());
    }
  }

  private static MailException refused(SmtpMailSender sender, String why) {
    MailException refused =
        assertThrows(
            MailException.class,
            () -> sender.send(UUID.randomUUID(), "bob@example.com", MAIL),
            why);
    assertFalse(String.valueOf(refused.getMessage()).contains("bob"), refused.getMessage());
    return refused;
  }

  @Test
  void serversSayWhetherToComeAgain() throws Exception {
    try (SmtpServer server = new SmtpServer(Optional.empty(), Optional.empty())) {
      SmtpMailSender sender = sender(server, false, anyTrust());
      server.fault(new SmtpFault.Reply("RCPT", "550 5.1.1 <bob@example.com> unknown"));
      assertTrue(refused(sender, "no such recipient").permanent());
      server.fault(new SmtpFault.Reply("RCPT", "450 4.2.1 <bob@example.com> busy"));
      assertFalse(refused(sender, "greylisted").permanent());
      server.fault(new SmtpFault.Reply("MAIL", "553 5.1.8 not you"));
      assertTrue(refused(sender, "no such sender").permanent());
      server.fault(new SmtpFault.Reply("END", "554 5.7.1 spam"));
      assertTrue(refused(sender, "spam").permanent());
      server.fault(new SmtpFault.Reply("END", "452 4.3.1 full"));
      assertFalse(refused(sender, "full").permanent());
      for (String command : List.of("GREETING", "EHLO", "RCPT", "END")) {
        server.fault(new SmtpFault.Cut(command));
        assertFalse(refused(sender, "cut after " + command).permanent());
      }
      // Accepted is accepted, whatever is said to the goodbye.
      int before = server.mails().size();
      server.fault(new SmtpFault.Cut("QUIT"));
      sender.send(UUID.randomUUID(), "bob@example.com", MAIL);
      assertEquals(before + 1, server.mails().size());
    }
    SSLContext context = TestCertificate.of("dns:localhost");
    try (SmtpServer server = new SmtpServer(Optional.of(context), Optional.of(LOGIN))) {
      SmtpMailSender wrong =
          new SmtpMailSender(
              new MailSettings.Smtp(
                  "localhost",
                  server.port(),
                  Optional.of(new MailSettings.Login("lib", "wrong")),
                  true),
              new InternetAddress("noreply@libertai.io"),
              context.getSocketFactory());
      assertTrue(refused(wrong, "a wrong password").permanent());
    }
    assertTrue(ResendMailSender.refusal(new ResendException(422, "bob@x.com bad")).permanent());
    assertTrue(ResendMailSender.refusal(new ResendException(403, "no")).permanent());
    assertFalse(ResendMailSender.refusal(new ResendException(429, "later")).permanent());
    assertFalse(ResendMailSender.refusal(new ResendException(409, "under way")).permanent());
    assertFalse(ResendMailSender.refusal(new ResendException(500, "oops")).permanent());
    assertFalse(ResendMailSender.refusal(new ResendException("no answer")).permanent());
    assertEquals(
        "Resend answered 422",
        ResendMailSender.refusal(new ResendException(422, "bob@x.com bad")).getMessage());
  }

  @Test
  void c11FailuresAreTriedThreeTimesMoreAndRefusalsNotAgain(Postgres postgres) throws Exception {
    FernetKeys keys = FernetKeys.parse("A".repeat(43) + "=", false);
    Backoff soon = new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 0);
    try (PlatformDatabase database = PlatformDatabase.open(postgres.migratedDatabase());
        SmtpServer server = new SmtpServer(Optional.empty(), Optional.empty());
        MailOutbox outbox =
            new MailOutbox(
                database.dsl(), keys, sender(server, false, anyTrust()), soon, Clock.systemUTC())) {
      server
          .fault(new SmtpFault.Reply("RCPT", "450 4.2.1 busy"))
          .fault(new SmtpFault.Cut("MAIL"))
          .fault(new SmtpFault.Reply("DATA", "451 4.3.0 later"));
      queue(database, outbox);
      drain(outbox, () -> outbox.counts().sent() == 1);
      assertEquals(new MailOutbox.Counts(1, 3, 0), outbox.counts());
      assertEquals(1, server.mails().size());

      for (int i = 0; i < 4; i++) {
        server.fault(new SmtpFault.Reply("RCPT", "450 4.2.1 busy"));
      }
      queue(database, outbox);
      drain(outbox, () -> outbox.counts().failed() == 1);
      assertEquals(new MailOutbox.Counts(1, 6, 1), outbox.counts());

      int before = server.connections();
      server.fault(new SmtpFault.Reply("RCPT", "550 5.1.1 unknown"));
      queue(database, outbox);
      drain(outbox, () -> outbox.counts().failed() == 2);
      assertEquals(new MailOutbox.Counts(1, 6, 2), outbox.counts());
      assertEquals(before + 1, server.connections());
      assertEquals(0, outbox.waiting());
      assertEquals(
          "SMTP server answered 550",
          database
              .dsl()
              .fetchValue("select error_detail from mail_outbox where error_detail like '%550%'"));
      assertEquals(
          0, database.dsl().fetch("select 1 from mail_outbox where content is not null").size());
    }
  }

  private static void queue(PlatformDatabase database, MailOutbox outbox) {
    outbox.queue(database.dsl(), "bob@example.com", MAIL, Instant.now().plusSeconds(600));
    outbox.wake();
  }

  /** Wakes it all the time: its own look comes every few seconds. */
  private static void drain(MailOutbox outbox, java.util.concurrent.Callable<Boolean> fact) {
    Await.until(
        "the mail's end",
        TestApi.DEADLINE,
        () -> {
          outbox.wake();
          return fact.call();
        });
  }

  @Test
  void c11ASlowMailServerHoldsNobodyUp(Postgres postgres) throws Exception {
    try (SmtpServer server = new SmtpServer(Optional.empty(), Optional.empty());
        TestApi api =
            TestApi.start(
                postgres,
                Map.of(
                    "LIBERCLAW_SMTP_HOST",
                    "localhost",
                    "LIBERCLAW_SMTP_PORT",
                    Integer.toString(server.port()),
                    "LIBERCLAW_SMTP_USE_TLS",
                    "false",
                    "LIBERCLAW_SMTP_FROM",
                    "Claw <claw@example.com>"))) {
      server.fault(new SmtpFault.Slow("GREETING", Duration.ofMillis(700)));
      assertEquals(
          200, api.post("/auth/login/email", null, "{\"email\":\"ada@example.com\"}").statusCode());
      assertEquals(List.of(), server.mails());
      Await.until("the mail", TestApi.DEADLINE, () -> server.mails().size() == 1);
      String data = server.mails().getFirst().data();
      for (String part :
          List.of(
              "From: Claw <claw@example.com>",
              "To: ada@example.com",
              "Subject: Sign in to LiberClaw",
              "text/plain",
              "text/html",
              "15 minutes",
              "ignore",
              "http://localhost:0/auth/verify?token")) {
        assertTrue(data.contains(part), part + " in " + data);
      }
    }
  }

  @Test
  void b11WithoutATransportNothingIsPrintedOutsideDevelopment(Postgres postgres) throws Exception {
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    assertTrue(settings(Map.of(), false).sender(out).isEmpty());
    assertInstanceOf(ConsoleMailSender.class, settings(Map.of(), true).sender(out).orElseThrow());
    Map<String, String> both = new HashMap<>();
    both.put("LIBERCLAW_RESEND_API_KEY", "re_secret-key");
    assertInstanceOf(ResendMailSender.class, settings(both, true).sender(out).orElseThrow());
    both.put("LIBERCLAW_SMTP_HOST", "mail.example.com");
    assertInstanceOf(SmtpMailSender.class, settings(both, true).sender(out).orElseThrow());
    assertFalse(settings(both, true).toString().contains("re_secret"));
    // A user without a password is no login.
    both.put("LIBERCLAW_SMTP_USER", "lib");
    assertTrue(settings(both, true).smtp().orElseThrow().login().isEmpty());

    for (String name : List.of("LIBERCLAW_SMTP_FROM", "LIBERCLAW_SMTP_PORT")) {
      ConfigException problem =
          assertThrows(ConfigException.class, () -> settings(Map.of(name, "no such"), true));
      assertTrue(String.valueOf(problem.getMessage()).contains(name), problem.getMessage());
    }

    try (TestApi api =
        TestApi.start(
            postgres, Map.of("LIBERCLAW_DEV_MODE", "false", "LIBERCLAW_PROVIDERS", "process"))) {
      var refused = api.post("/auth/login/email", null, "{\"email\":\"ada@example.com\"}");
      assertEquals(501, refused.statusCode());
      assertEquals(
          "{\"detail\":\"Magic link auth not configured (set LIBERCLAW_MAGIC_LINK_SECRET)\"}",
          refused.body());
      assertEquals(0, api.sql().fetch("select 1 from magic_links").size());
    }
  }

  private static MailSettings settings(Map<String, String> environment, boolean devMode) {
    EnvReader env = new EnvReader(environment);
    MailSettings settings = MailSettings.read(env, devMode);
    env.throwIfProblems();
    return settings;
  }
}
