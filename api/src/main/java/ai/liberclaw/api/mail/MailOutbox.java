package ai.liberclaw.api.mail;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.FernetKeys;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;

/**
 * Mails waiting to be sent. A few workers per server send what any server queued; a mail that fails
 * is tried {@link #ATTEMPTS_MAX} times in all, or until it expires, or until it is refused for
 * good.
 */
public final class MailOutbox implements AutoCloseable {
  static final int ATTEMPTS_MAX = 4;

  /** So that a mail server that is slow with one mail does not hold up all. */
  private static final int WORKERS = 4;

  private static final Duration LEASE = Duration.ofMinutes(2);

  /** Well within the lease: while it is held nobody else sends the same mail. */
  private static final Duration SENDING_MAX = Duration.ofMinutes(1);

  private static final Duration POLL = Duration.ofSeconds(5);
  private static final Logger LOG = System.getLogger(MailOutbox.class.getName());

  private final DSLContext sql;
  private final FernetKeys keys;
  private final MailSender sender;
  private final Backoff retry;
  private final Clock clock;
  private final String owner = UUID.randomUUID().toString();
  private final MailStore store = new MailStore();
  private final Semaphore due = new Semaphore(0);
  private final LongAdder sent = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final List<Thread> workers;
  private volatile boolean closed;

  /**
   * What became of mails on this server since its start.
   *
   * @param retried failed tries that another follows
   * @param failed mails given up
   */
  public record Counts(long sent, long retried, long failed) {}

  /** Starts the workers. */
  public MailOutbox(DSLContext sql, FernetKeys keys, MailSender sender, Clock clock) {
    this(sql, keys, sender, new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(1), 0.25), clock);
  }

  /**
   * Starts the workers.
   *
   * @param retry the waits between tries
   */
  public MailOutbox(
      DSLContext sql, FernetKeys keys, MailSender sender, Backoff retry, Clock clock) {
    this.sql = sql;
    this.keys = keys;
    this.sender = sender;
    this.retry = retry;
    this.clock = clock;
    this.workers =
        IntStream.range(0, WORKERS)
            .mapToObj(i -> Thread.ofVirtual().name("mail-outbox-" + i).start(this::run))
            .toList();
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

  public Counts counts() {
    return new Counts(sent.sum(), retried.sum(), failed.sum());
  }

  /** Mails of all servers that are not sent yet. */
  public int waiting() {
    return store.waiting(sql);
  }

  /** Stops the workers; what is queued stays queued. */
  @Override
  public void close() {
    closed = true;
    due.release(WORKERS);
    try {
      Instant until = Instant.now().plusSeconds(5);
      for (Thread worker : workers) {
        Duration left = Duration.between(Instant.now(), until);
        if (!left.isPositive() || !worker.join(left)) {
          worker.interrupt();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed) {
      try {
        int given = store.expire(sql, now(), ATTEMPTS_MAX);
        failed.add(given);
        while (!closed && sendNext()) {
          due.drainPermits();
        }
        boolean _ = due.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (DataAccessException e) {
        LOG.log(Level.WARNING, "mail.outbox_unreadable", e);
        pause();
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  /** False when nothing was due. */
  private boolean sendNext() throws InterruptedException {
    MailStore.Claim claim = store.claim(sql, owner, now(), LEASE, ATTEMPTS_MAX).orElse(null);
    if (claim == null) {
      return false;
    }
    try {
      send(claim);
      store.end(sql, claim, "sent", "", now());
      sent.increment();
    } catch (MailException e) {
      failed(claim, e);
    }
    return true;
  }

  /** On a thread of its own, so that a server that drips its answers holds nobody for long. */
  private void send(MailStore.Claim claim) throws MailException, InterruptedException {
    FutureTask<Void> sending =
        new FutureTask<>(() -> {
          JsonNode content = Json.parse(keys.decrypt(claim.sealed()));
          sender.send(
              claim.id(),
              claim.recipient(),
              new Mail(
                  content.path("subject").asText(),
                  content.path("html").asText(),
                  content.path("text").asText()));
          return null;
        });
    Thread.ofVirtual().name("mail-" + claim.id()).start(sending);
    try {
      Void _ = sending.get(SENDING_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw MailException.temporary("not accepted within " + SENDING_MAX.toSeconds() + " s");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MailException refusal) {
        throw refusal;
      }
      // Its words may hold an address, or a piece of the mail.
      throw MailException.temporary("failed with " + String.valueOf(e.getCause()).split(":", 2)[0]);
    } finally {
      sending.cancel(true);
    }
  }

  private void failed(MailStore.Claim claim, MailException cause) {
    boolean last = cause.permanent() || claim.attempt() >= ATTEMPTS_MAX;
    // The recipient stays out of the log.
    LOG.log(
        Level.WARNING,
        "mail.failed id="
            + claim.id()
            + " attempt="
            + claim.attempt()
            + " last="
            + last
            + " reason="
            + cause.getMessage());
    String reason = String.valueOf(cause.getMessage());
    if (last) {
      store.end(sql, claim, "failed", reason, now());
      failed.increment();
    } else {
      store.retry(sql, claim, now().plus(retry.delay(claim.attempt())), reason);
      retried.increment();
    }
  }

  private void pause() {
    try {
      boolean _ = due.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
