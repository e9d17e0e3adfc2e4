package ai.liberclaw.deploy.job;

import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.deploy.job.Deployment.Failure;
import ai.liberclaw.deploy.progress.LogLevel;
import ai.liberclaw.deploy.progress.ProgressStore;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Runs one job from the step it came to until it has ended, failed, or lost its lease. */
final class Attempt {
  private static final Logger LOG = System.getLogger(Attempt.class.getName());
  private static final String TIME_OVER = "time_over";

  /** Why an attempt is interrupted. */
  enum Stop {
    /** The job was cancelled, or another worker has it. */
    FENCED,
    /** A step took too long. */
    TIME_OVER,
    /** This server ends. */
    SHUTDOWN
  }

  private final Run run;
  private final Deployment job;
  private final Recipe recipe;
  private final DeploymentWorker.Settings settings;
  private final Thread thread;
  private final AtomicReference<Stop> stop = new AtomicReference<>();
  private StepKey step;

  Attempt(Run run, Recipe recipe, DeploymentWorker.Settings settings, Runnable ended) {
    this.run = run;
    this.job = run.job();
    this.recipe = recipe;
    this.settings = settings;
    this.step = job.step().orElse(StepKey.PROVISIONING);
    this.thread =
        Thread.ofVirtual()
            .name("deployment-" + job.id())
            .unstarted(() -> {
              try {
                run();
              } finally {
                ended.run();
              }
            });
  }

  void start() {
    thread.start();
  }

  /** Interrupts the attempt; the first reason counts. */
  void stop(Stop reason) {
    if (stop.compareAndSet(null, reason)) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      perform();
    } catch (Fenced _) {
      LOG.log(Level.INFO, "deployment.fenced " + subject());
    } catch (InterruptedException _) {
      // The thread ends here, after noting why; it is nobody else's.
      interrupted();
    } catch (RuntimeException e) {
      // The database is out of reach: the lease runs out, and the job goes on when it is back.
      LOG.log(Level.ERROR, "deployment.stuck " + subject(), e);
    }
  }

  private void perform() throws InterruptedException {
    Optional<Failure> failure = job.failure();
    boolean decidedHere = failure.isEmpty();
    if (decidedHere) {
      failure = forward();
    }
    if (failure.isPresent()) {
      abandon(failure.get(), decidedHere ? 1 : job.attempt());
    }
  }

  /** Goes on with the job. Returns why it has failed; empty when it has not, or is tried again. */
  private Optional<Failure> forward() throws InterruptedException {
    try {
      checkLimits();
      if (job.kind() == DeploymentKind.DESTROY) {
        limited(recipe.destroyLimit(), this::destroy);
      } else {
        steps();
      }
      return Optional.empty();
    } catch (ProviderException e) {
      return decide(e.code(), e.text(), e.retryable(), e);
    } catch (Fenced e) {
      throw e;
    } catch (InterruptedException e) {
      if (!timeOver()) {
        throw e;
      }
      return decide(TIME_OVER, "The step took too long.", true, e);
    } catch (RuntimeException e) {
      if (Thread.interrupted() || stop.get() != null) {
        if (timeOver()) {
          return decide(TIME_OVER, "The step took too long.", true, e);
        }
        throw new InterruptedException("while asking the database");
      }
      String id = ErrorId.next();
      LOG.log(Level.ERROR, "deployment.failed id=" + id + " " + subject(), e);
      return decide("unexpected_error", "Unexpected error " + id + ".", true, e);
    }
  }

  private void checkLimits() {
    if (job.attempt() > settings.attemptsMax() && job.kind() != DeploymentKind.DESTROY) {
      throw new ProviderException(
          "too_many_attempts", "Given up after " + settings.attemptsMax() + " tries.", false, null);
    }
    if (job.deadline().filter(Instant.now()::isAfter).isPresent()) {
      throw new ProviderException(TIME_OVER, "It took too long; given up.", false, null);
    }
  }

  private void destroy() throws InterruptedException {
    recipe.destroy(run);
    run.write(sql -> recipe.succeeded(sql, run));
    LOG.log(Level.INFO, "deployment.succeeded " + subject());
  }

  private void steps() throws InterruptedException {
    StringBuilder times = new StringBuilder();
    Set<StepKey> idle = recipe.idle(run);
    for (StepKey key : StepKey.values()) {
      if (key.compareTo(step) < 0) {
        continue;
      }
      step = key;
      long start = System.nanoTime();
      boolean nothing = idle.contains(key);
      run.write(sql -> {
        DeploymentStore.at(sql, job, key);
        recipe.entering(sql, run, key);
        if (nothing) {
          ProgressStore.done(sql, job.id(), key, "Not needed");
        } else {
          ProgressStore.active(sql, job.id(), key);
          run.log(sql, LogLevel.INFO, recipe.announcement(job.kind(), key));
        }
      });
      if (!nothing) {
        limited(
            recipe.limit(run, key),
            () -> {
              String detail = recipe.step(run, key);
              run.write(sql -> ProgressStore.done(sql, job.id(), key, run.masked(detail)));
            });
        times.append(' ').append(key.key()).append("_ms=").append(millisSince(start));
      }
    }
    run.write(sql -> {
      recipe.succeeded(sql, run);
      DeploymentStore.succeeded(sql, job);
    });
    LOG.log(
        Level.INFO,
        "deployment.succeeded %s pickup_ms=%d%s total_ms=%d"
            .formatted(
                subject(),
                Duration.between(job.queuedAt(), job.startedAt()).toMillis(),
                times,
                Duration.between(job.queuedAt(), Instant.now()).toMillis()));
  }

  /** Whether the job is over, which is written down before anything is taken back. */
  private Optional<Failure> decide(
      String code, String message, boolean retryable, Exception cause) {
    boolean destroy = job.kind() == DeploymentKind.DESTROY;
    Failure failure = new Failure(code, run.masked(message));
    if (destroy || (retryable && job.attempt() < settings.attemptsMax())) {
      Duration delay = settings.backoff().delay(job.attempt());
      LOG.log(
          Level.WARNING,
          "deployment.retry " + subject() + " code=" + code + " delay=" + delay,
          cause);
      run.write(sql -> {
        if (!destroy) {
          run.log(sql, LogLevel.WARNING, message + " Trying again.");
        }
        DeploymentStore.again(sql, job, delay, failure);
      });
      return Optional.empty();
    }
    LOG.log(Level.WARNING, "deployment.failed " + subject() + " code=" + code, cause);
    run.write(sql -> {
      run.log(sql, LogLevel.ERROR, message);
      DeploymentStore.abandoning(sql, job, failure);
    });
    return Optional.of(failure);
  }

  /** Takes back what the job began, as often as it may be tried, and ends it as failed. */
  private void abandon(Failure failure, int attempt) throws InterruptedException {
    if (attempt <= settings.attemptsMax()) {
      try {
        limited(recipe.abandonLimit(), () -> recipe.abandon(run));
      } catch (ProviderException e) {
        LOG.log(Level.WARNING, "deployment.not_abandoned " + subject() + " code=" + e.code(), e);
        if (e.retryable() && attempt < settings.attemptsMax()) {
          abandonAgain(failure, attempt);
          return;
        }
      } catch (InterruptedException e) {
        if (!timeOver()) {
          throw e;
        }
        LOG.log(Level.WARNING, "deployment.not_abandoned " + subject() + " code=" + TIME_OVER);
        if (attempt < settings.attemptsMax()) {
          abandonAgain(failure, attempt);
          return;
        }
      }
    }
    run.write(sql -> {
      ProgressStore.failed(sql, job.id(), step, failure.message());
      recipe.failed(sql, run, step, failure.code(), failure.message());
      DeploymentStore.failed(sql, job, failure);
    });
  }

  private void abandonAgain(Failure failure, int attempt) {
    Duration delay = settings.backoff().delay(attempt);
    run.write(sql -> DeploymentStore.again(sql, job, delay, failure));
  }

  private void interrupted() {
    if (stop.get() == Stop.FENCED) {
      LOG.log(Level.INFO, "deployment.fenced " + subject());
      return;
    }
    try {
      run.write(sql -> DeploymentStore.release(sql, job));
      LOG.log(Level.INFO, "deployment.given_back " + subject());
    } catch (RuntimeException e) {
      LOG.log(Level.INFO, "deployment.left " + subject() + " reason=" + e.getMessage());
    }
  }

  /** Whether it was a deadline that interrupted; then that is over, and others may interrupt. */
  private boolean timeOver() {
    boolean over = stop.compareAndSet(Stop.TIME_OVER, null);
    if (over) {
      boolean _ = Thread.interrupted();
    }
    return over;
  }

  /** Runs work that is interrupted at its deadline. */
  private void limited(Duration limit, Work work) throws InterruptedException {
    Thread alarm =
        Thread.ofVirtual()
            .name("deadline-" + job.id())
            .start(() -> {
              try {
                TimeUnit.MILLISECONDS.sleep(limit.toMillis());
                stop(Stop.TIME_OVER);
              } catch (InterruptedException _) {
                // Done in time.
              }
            });
    try {
      work.run();
    } finally {
      alarm.interrupt();
    }
  }

  private String subject() {
    return "deployment=%s agent=%s kind=%s step=%s attempt=%d"
        .formatted(job.id(), job.agentId(), job.kind().key(), step.key(), job.attempt());
  }

  private static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private interface Work {
    void run() throws InterruptedException;
  }
}
