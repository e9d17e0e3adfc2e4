package ai.liberclaw.api.doctor;

import ai.liberclaw.db.DatabaseException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A database that several checks ask. It is looked at once, and opened only when that changes
 * nothing: when no migration waits.
 */
public final class LookedAtDatabase implements AutoCloseable {
  private static final int CONNECTIONS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String url;
  private final Clock clock;
  private final FutureTask<Sight> sight = new FutureTask<>(this::seen);

  /**
   * What was seen, once.
   *
   * @param problem why it could not be looked at
   * @param look empty while the database does not exist yet
   * @param ahead the database's clock minus ours
   * @param opened when it is in order
   */
  public record Sight(
      Optional<String> problem,
      Optional<PlatformDatabase.Look> look,
      Optional<Duration> ahead,
      Optional<PlatformDatabase> opened) {
    private static Sight nothing(Optional<String> problem) {
      return new Sight(problem, Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  public LookedAtDatabase(String url, Clock clock) {
    this.url = url;
    this.clock = clock;
  }

  /** Looks, or waits for whoever looks already. */
  public Sight sight() throws InterruptedException {
    sight.run();
    try {
      return sight.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the database could not be looked at", e.getCause());
    }
  }

  Optional<PlatformDatabase> opened() throws InterruptedException {
    return sight().opened();
  }

  /** The database's clock minus ours. */
  public Optional<Duration> ahead() throws InterruptedException {
    return sight().ahead();
  }

  private Sight seen() {
    try {
      Instant before = clock.instant();
      Optional<PlatformDatabase.Look> look = PlatformDatabase.look(url);
      if (look.isEmpty()) {
        return Sight.nothing(Optional.empty());
      }
      // The answer was made at some time in between: what cannot be told apart counts as equal.
      Instant theirs = look.get().clock();
      Duration ahead =
          theirs.isBefore(before)
              ? Duration.between(before, theirs)
              : theirs.isAfter(clock.instant())
                  ? Duration.between(clock.instant(), theirs)
                  : Duration.ZERO;
      boolean order =
          look.get().migrations().pending().isEmpty() && look.get().migrations().failed().isEmpty();
      return new Sight(
          Optional.empty(),
          look,
          Optional.of(ahead),
          order
              ? Optional.of(
                  PlatformDatabase.open(new PlatformDatabase.Settings(url, CONNECTIONS, PATIENCE)))
              : Optional.empty());
    } catch (DatabaseException e) {
      return Sight.nothing(Optional.of(String.valueOf(e.getMessage())));
    }
  }

  @Override
  public void close() {
    if (sight.isDone() && !sight.isCancelled()) {
      try {
        sight().opened().ifPresent(PlatformDatabase::close);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
