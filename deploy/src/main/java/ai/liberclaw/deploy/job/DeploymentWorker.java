package ai.liberclaw.deploy.job;

import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Takes deployments and runs them, a bounded number at a time. Woken by the database when one is
 * queued or cancelled, and by the clock in case that word got lost.
 */
public final class DeploymentWorker implements AutoCloseable {
  private static final Logger LOG = System.getLogger(DeploymentWorker.class.getName());
  private static final Duration CLOSE_TIME_MAX = Duration.ofSeconds(10);

  /**
   * @param concurrency deployments at a time in this server
   * @param lease after which another worker takes over from a dead one; renewed at a third of it
   * @param poll longest time until a queued job is seen without a wake-up
   * @param attemptsMax tries before a deployment has failed; a destroy is tried for ever
   * @param backoff delay before a job is tried again
   */
  public record Settings(
      int concurrency, Duration lease, Duration poll, int attemptsMax, Backoff backoff) {
    public static Settings usual() {
      return new Settings(
          4,
          Duration.ofSeconds(6),
          Duration.ofSeconds(1),
          5,
          new Backoff(Duration.ofMillis(500), Duration.ofMinutes(10), 0.2));
    }
  }

  private final PlatformDatabase database;
  private final Recipe recipe;
  private final Mask mask;
  private final Settings settings;
  private final Semaphore places;
  private final Semaphore wake = new Semaphore(0);
  private final Semaphore renewal = new Semaphore(0);
  private final Map<String, Attempt> running = new ConcurrentHashMap<>();
  private final Thread dispatcher;
  private final Thread heartbeat;
  private volatile boolean closing;
  private volatile boolean queueReadable = true;

  /**
   * @param notifications not started yet
   */
  public DeploymentWorker(
      PlatformDatabase database,
      Notifications notifications,
      Recipe recipe,
      Mask mask,
      Settings settings) {
    notifications.on(DeploymentStore.CHANNEL, _ -> signalled());
    this.database = database;
    this.recipe = recipe;
    this.mask = mask;
    this.settings = settings;
    this.places = new Semaphore(settings.concurrency());
    this.dispatcher = Thread.ofVirtual().name("deployments").unstarted(this::dispatch);
    this.heartbeat = Thread.ofVirtual().name("deployment-leases").unstarted(this::keepLeases);
  }

  public DeploymentWorker start() {
    dispatcher.start();
    heartbeat.start();
    return this;
  }

  /** Whether it takes jobs: its threads live, and it could read the queue when it last looked. */
  public boolean ready() {
    return !closing && queueReadable && dispatcher.isAlive() && heartbeat.isAlive();
  }

  /** Stops taking jobs and gives back those at hand; another worker goes on with them. */
  @Override
  public void close() {
    closing = true;
    // Not interrupted: in the middle of a claim it would lose a job that is claimed by then.
    wake.release();
    running.values().forEach(attempt -> attempt.stop(Attempt.Stop.SHUTDOWN));
    try {
      dispatcher.join(CLOSE_TIME_MAX);
      if (!places.tryAcquire(
          settings.concurrency(), CLOSE_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.log(Level.WARNING, "deployments.close_timed_out running=" + running.size());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    heartbeat.interrupt();
  }

  private void signalled() {
    wake.release();
    // A cancelled job is told at once, not at the next renewal.
    renewal.release();
  }

  private void dispatch() {
    try {
      while (!closing) {
        if (!places.tryAcquire(settings.poll().toMillis(), TimeUnit.MILLISECONDS)) {
          continue;
        }
        Optional<Attempt> attempt = Optional.empty();
        try {
          attempt = closing ? Optional.empty() : take();
          queueReadable = true;
        } catch (RuntimeException | Error e) {
          if (closing) {
            return;
          }
          queueReadable = false;
          LOG.log(Level.WARNING, "deployments.claim_failed", e);
        } finally {
          if (attempt.isEmpty()) {
            places.release();
          }
        }
        if (attempt.isEmpty() && !closing) {
          boolean _ = wake.tryAcquire(settings.poll().toMillis(), TimeUnit.MILLISECONDS);
          wake.drainPermits();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Attempt> take() {
    String lease = Secrets.uuid();
    Optional<Deployment> job = DeploymentStore.claim(database.dsl(), lease, settings.lease());
    if (job.isEmpty()) {
      return Optional.empty();
    }
    Attempt attempt =
        new Attempt(new Run(database, job.get(), mask), recipe, settings, () -> ended(lease));
    running.put(lease, attempt);
    attempt.start();
    if (closing) {
      attempt.stop(Attempt.Stop.SHUTDOWN);
    }
    return Optional.of(attempt);
  }

  private void ended(String lease) {
    running.remove(lease);
    places.release();
    wake.release();
  }

  private void keepLeases() {
    try {
      while (true) {
        boolean _ = renewal.tryAcquire(settings.lease().toMillis() / 3, TimeUnit.MILLISECONDS);
        renewal.drainPermits();
        try {
          renew();
        } catch (RuntimeException e) {
          LOG.log(Level.WARNING, "deployments.renew_failed id=" + ErrorId.next(), e);
        }
      }
    } catch (InterruptedException _) {
      // Closing.
    }
  }

  private void renew() {
    Set<String> mine = Set.copyOf(running.keySet());
    if (mine.isEmpty()) {
      return;
    }
    Set<String> standing = DeploymentStore.renew(database.dsl(), mine, settings.lease());
    for (String lease : mine) {
      Attempt attempt = running.get(lease);
      if (attempt != null && !standing.contains(lease)) {
        attempt.stop(Attempt.Stop.FENCED);
      }
    }
  }
}
