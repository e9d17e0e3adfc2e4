package ai.liberclaw.api.operations;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A value that is costly to find out, kept for a while. One thread at a time looks, whoever asks
 * meanwhile gets what was known, and nobody waits long.
 */
final class Recent<T> {
  private static final Logger LOG = System.getLogger(Recent.class.getName());

  private final Callable<T> source;
  private final Duration kept;
  private final Duration patience;
  private final Duration stale;
  private final Clock clock;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Known<T> known;
  private volatile Instant next = Instant.MIN;

  private record Known<T>(T value, Instant at) {}

  /**
   * @param kept for this long the source is not asked again
   * @param patience how long one caller waits for the source
   * @param stale a value this old is none any more
   */
  Recent(Callable<T> source, Duration kept, Duration patience, Duration stale, Clock clock) {
    this.source = source;
    this.kept = kept;
    this.patience = patience;
    this.stale = stale;
    this.clock = clock;
  }

  /** Empty while nothing recent is known. */
  Optional<T> get() {
    Instant now = clock.instant();
    if (!now.isBefore(next) && looking.compareAndSet(false, true)) {
      // Also after a failure: a database that is away is not asked by every gauge.
      next = now.plus(kept);
      FutureTask<T> look = new FutureTask<>(this::look);
      Thread.ofVirtual().name("metrics-look").start(look);
      try {
        T _ = look.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        LOG.log(Level.WARNING, "metrics.not_read reason=" + e.getCause());
      } catch (TimeoutException _) {
        // It goes on; the next to ask finds what it brings.
      }
    }
    Known<T> last = known;
    if (last == null || last.at().plus(stale).isBefore(now)) {
      return Optional.empty();
    }
    return Optional.of(last.value());
  }

  private T look() throws Exception {
    try {
      T value = source.call();
      known = new Known<>(value, clock.instant());
      return value;
    } finally {
      looking.set(false);
    }
  }
}
