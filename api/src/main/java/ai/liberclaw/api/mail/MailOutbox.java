package ai.liberclaw.api.mail;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;

/**
 * Mails waiting to be sent. One worker per server sends what any server queued; a mail that fails
 * is tried {@link #ATTEMPTS_MAX} times in all, or until it expires.
 */
public final class MailOutbox implements AutoCloseable {
  static final int ATTEMPTS_MAX = 4;

  private static final Duration LEASE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofSeconds(5);
  private static final Duration RETRY_BASE = Duration.ofSeconds(5);
  private static final Logger LOG = System.getLogger(MailOutbox.class.getName());

  private final DSLContext sql;
  private final FernetKeys keys;
  private final MailSender sender;
  private final Clock clock;
  private final String owner = UUID.randomUUID().toString();
  private final MailStore store = new MailStore();
  private final Semaphore due = new Semaphore(0);
  private final Thread worker;
  private volatile boolean closed;

  /** Starts the worker. */
  public MailOutbox(DSLContext sql, FernetKeys keys, MailSender sender, Clock clock) {
    this.sql = sql;
    this.keys = keys;
    this.sender = sender;
    this.clock = clock;
    this.worker = Thread.ofVirtual().name("mail-outbox").start(this::run);
  }

  /**
   * Queues a mail in the caller's transaction; call {@link #wake} once it has committed.
   *
   * @param expiresAt from then on the mail would be of no use
   */
  public void queue(DSLContext tx, String recipient, Mail mail, Instant expiresAt) {
    String content =
        Json.write(
            Json.object()
                .put("subject", mail.subject())
                .put("html", mail.html())
                .put("text", mail.text()));
    store.insert(tx, UUID.randomUUID(), recipient, keys.encrypt(content), now(), expiresAt);
  }

  public void wake() {
    due.release();
  }

  /** Stops the worker; what is queued stays queued. */
  @Override
  public void close() {
    closed = true;
    due.release();
    try {
      worker.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed) {
      try {
        store.expire(sql, now());
        while (!closed && sendNext()) {
          due.drainPermits();
        }
      } catch (DataAccessException e) {
        LOG.log(Level.WARNING, "mail.outbox_unreadable", e);
      }
      try {
        boolean _ = due.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  /** False when nothing was due. */
  private boolean sendNext() {
    Optional<MailStore.Claim> next = store.claim(sql, owner, now(), LEASE);
    if (next.isEmpty()) {
      return false;
    }
    MailStore.Claim claim = next.get();
    try {
      JsonNode content = Json.parse(keys.decrypt(claim.sealed()));
      sender.send(
          claim.recipient(),
          new Mail(
              content.path("subject").asText(),
              content.path("html").asText(),
              content.path("text").asText()));
      store.end(sql, claim.id(), "sent", now());
    } catch (IOException | RuntimeException e) {
      failed(claim, e);
    }
    return true;
  }

  private void failed(MailStore.Claim claim, Exception cause) {
    // The recipient stays out of the log.
    LOG.log(Level.WARNING, "mail.failed id=" + claim.id() + " attempt=" + claim.attempt(), cause);
    if (claim.attempt() >= ATTEMPTS_MAX) {
      store.end(sql, claim.id(), "failed", now());
    } else {
      Instant again = now().plus(RETRY_BASE.multipliedBy(1L << (claim.attempt() - 1)));
      store.retry(sql, claim.id(), again, cause.getClass().getSimpleName());
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
