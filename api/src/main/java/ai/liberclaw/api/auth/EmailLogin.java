package ai.liberclaw.api.auth;

import ai.liberclaw.api.mail.MailOutbox;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.deploy.activity.ActivityStore;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;

/**
 * Sign-in by a mail that holds a link and a six-digit code. Either works once, for 15 minutes; five
 * tries lock the code and leave the link.
 */
final class EmailLogin {
  static final Duration LIFETIME = Duration.ofMinutes(15);

  private static final int TOKEN_BYTES = 32;
  private static final int CODE_TRIES_MAX = 5;
  private static final RateLimits.Limit MAILS_HOURLY =
      new RateLimits.Limit("mail_hour", "sign-in mails to this address", 5, Duration.ofHours(1));
  private static final RateLimits.Limit MAILS_DAILY =
      new RateLimits.Limit("mail_day", "sign-in mails to this address", 20, Duration.ofDays(1));
  private static final RateLimits.Limit MAILS_OF_CLIENT =
      new RateLimits.Limit("mail_ip_hour", "sign-in mails from here", 20, Duration.ofHours(1));
  private static final RateLimits.Limit WRONG_CODES =
      new RateLimits.Limit("code_hour", "wrong codes for this address", 10, Duration.ofHours(1));

  private final DSLContext sql;
  private final CodeHash codeHash;
  private final URI frontend;
  private final MailOutbox mails;
  private final Sessions sessions;
  private final RateLimits limits;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final MagicLinkStore links = new MagicLinkStore();
  private final AccountStore accounts = new AccountStore();
  private final ProvenEmail provenEmail = new ProvenEmail();
  private final PriorAccessStore priorAccess = new PriorAccessStore();

  EmailLogin(
      DSLContext sql,
      CodeHash codeHash,
      URI frontend,
      MailOutbox mails,
      Sessions sessions,
      RateLimits limits,
      Clock clock) {
    this.sql = sql;
    this.codeHash = codeHash;
    this.frontend = frontend;
    this.mails = mails;
    this.sessions = sessions;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Queues a mail, whether or not the address has an account.
   *
   * @param client what the limit per client counts by
   * @throws Refusal 429 over a limit
   */
  void send(EmailAddress email, String client) {
    UUID id = UUID.randomUUID();
    String token = Secrets.token(TOKEN_BYTES);
    String code = "%06d".formatted(random.nextInt(1_000_000));
    Instant now = now();
    sql.transaction(tx -> {
      limits.take(tx.dsl(), MAILS_OF_CLIENT, client);
      limits.take(tx.dsl(), MAILS_HOURLY, email.lower());
      limits.take(tx.dsl(), MAILS_DAILY, email.lower());
      links.insert(
          tx.dsl(),
          id,
          email,
          Secrets.sha256Hex(token),
          codeHash.of(id, code),
          now,
          now.plus(LIFETIME));
      mails.queue(
          tx.dsl(),
          email.text(),
          SignInMail.of(code, frontend.resolve("/auth/verify?token=" + token), LIFETIME),
          now.plus(LIFETIME));
    });
    mails.wake();
  }

  /**
   * Signs in with the token of a link.
   *
   * @param guest the guest who upgrades, if the caller is one
   */
  TokenPair verifyToken(String token, Optional<Caller> guest, String device) {
    Instant now = now();
    return finish(tx -> links.consumeToken(tx, Secrets.sha256Hex(token), now), guest, device);
  }

  /** Signs in with a code. */
  TokenPair verifyCode(EmailAddress email, String code, Optional<Caller> guest, String device) {
    // Counted in transactions of their own, so that a wrong try stays counted.
    limits.take(sql, WRONG_CODES, email.lower());
    MagicLinkStore.Code live =
        links.tryCode(sql, email, CODE_TRIES_MAX, now()).orElseThrow(EmailLogin::badCode);
    if (!Secrets.constantTimeEquals(live.hash(), codeHash.of(live.linkId(), code))) {
      throw badCode();
    }
    limits.giveBack(sql, WRONG_CODES, email.lower());
    Instant now = now();
    return finish(tx -> links.consume(tx, live.linkId(), now), guest, device);
  }

  private interface Consumption {
    Optional<EmailAddress> in(DSLContext tx);
  }

  private TokenPair finish(Consumption consumption, Optional<Caller> guest, String device) {
    try {
      return sql.transactionResult(tx -> {
        // A refusal below rolls this back: the link stays unused.
        EmailAddress email = consumption.in(tx.dsl()).orElseThrow(EmailLogin::badCode);
        UUID user =
            guest.isPresent()
                ? upgrade(tx.dsl(), guest.get(), email)
                : provenEmail.account(tx.dsl(), email, now());
        ActivityStore.userLogin(tx.dsl(), user, "magic_link");
        return sessions.open(tx.dsl(), user, device);
      });
    } catch (IntegrityConstraintViolationException _) {
      // Somebody else took the address between our look and our write.
      throw alreadyLinked();
    }
  }

  private UUID upgrade(DSLContext tx, Caller guest, EmailAddress email) {
    if (accounts.byEmail(tx, email).isPresent()) {
      throw alreadyLinked();
    }
    if (!accounts.upgradeGuest(tx, guest.userId(), email, now())) {
      throw alreadyLinked();
    }
    priorAccess.closeGuest(tx, guest.userId(), now());
    return guest.userId();
  }

  private static Refusal alreadyLinked() {
    return new Refusal(409, "Email already linked to another account");
  }

  private static Refusal badCode() {
    return new Refusal(400, "Invalid or expired code");
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
