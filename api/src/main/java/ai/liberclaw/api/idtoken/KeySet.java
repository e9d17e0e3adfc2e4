package ai.liberclaw.api.idtoken;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.retry.Backoff;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one provider, kept for an hour, and for a day while the provider cannot be asked. One
 * thread at a time asks; the others wait for it, but no longer than the request may take, and not
 * at all while there are keys of the last day.
 */
final class KeySet {
  private static final Duration FRESH = Duration.ofHours(1);
  private static final Duration USABLE = Duration.ofHours(24);

  /** How often an unknown key id, which anybody can make up, may cause a request. */
  private static final Duration REFETCH_PAUSE = Duration.ofMinutes(1);

  private static final Backoff FAILED_PAUSE =
      new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 0.2);

  /** Added to the wait for another thread's request, for what it does besides. */
  private static final Duration WAIT_EXTRA = Duration.ofMillis(500);

  private static final Logger LOG = System.getLogger(KeySet.class.getName());

  private final String provider;
  private final URI url;
  private final GuardedClient client;
  private final GuardedClient.Limits limits;
  private final Clock clock;
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile @Nullable PublishedKeys latest;

  // By whoever holds the lock.
  private Instant nextFetch = Instant.MIN;
  private Instant nextRefetch = Instant.MIN;
  private int failures;

  /**
   * @param provider what it is called, for people
   * @param limits of one request for the keys
   */
  KeySet(String provider, URI url, GuardedClient client, GuardedClient.Limits limits, Clock clock) {
    this.provider = provider;
    this.url = url;
    this.client = client;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * The key of this id. Empty when the provider has none; it is asked again once for an id that it
   * may have added since.
   *
   * @throws Refusal 503 when there are no keys of the last day
   */
  Optional<RSAPublicKey> find(String id) {
    PublishedKeys keys = current();
    Optional<RSAPublicKey> key = keys.key(id);
    if (key.isPresent()) {
      return key;
    }
    fetch(keys, limits.deadline().plus(WAIT_EXTRA), true);
    PublishedKeys newer = latest;
    return newer == null ? Optional.empty() : newer.key(id);
  }

  private PublishedKeys current() {
    PublishedKeys seen = latest;
    if (seen != null && seen.youngerThan(FRESH, clock.instant())) {
      return seen;
    }
    boolean usable = seen != null && seen.youngerThan(USABLE, clock.instant());
    fetch(seen, usable ? Duration.ZERO : limits.deadline().plus(WAIT_EXTRA), false);
    PublishedKeys newest = latest;
    if (newest != null && newest.youngerThan(USABLE, clock.instant())) {
      return newest;
    }
    throw new Refusal(
        503, provider + " cannot be asked for its keys, try again", Map.of("Retry-After", "10"));
  }

  /**
   * Asks for the keys, unless another thread got others than those seen, or it is too early to ask
   * again.
   */
  private void fetch(@Nullable PublishedKeys seen, Duration wait, boolean unknownId) {
    boolean mine;
    try {
      mine = fetching.tryLock(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!mine) {
      return;
    }
    try {
      Instant now = clock.instant();
      if (!Objects.equals(latest, seen)
          || now.isBefore(unknownId ? later(nextRefetch, nextFetch) : nextFetch)) {
        return;
      }
      if (unknownId) {
        nextRefetch = now.plus(REFETCH_PAUSE);
      }
      ask(now);
    } finally {
      fetching.unlock();
    }
  }

  private void ask(Instant now) {
    try (GuardedResponse response = client.get(url.toString(), Map.of(), limits)) {
      if (response.status() != 200) {
        throw new IOException("status " + response.status());
      }
      latest = PublishedKeys.parse(response.bytes(), now);
      failures = 0;
      nextFetch = Instant.MIN;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (FetchException e) {
      failed(now, e.reason().toString());
    } catch (IOException e) {
      failed(now, String.valueOf(e.getMessage()));
    } catch (ParseException _) {
      failed(now, "no key set");
    }
  }

  private void failed(Instant now, String reason) {
    failures++;
    nextFetch = now.plus(FAILED_PAUSE.delay(failures));
    LOG.log(
        Level.WARNING,
        "keys.not_fetched provider={0} failures={1} reason={2}",
        provider,
        failures,
        reason);
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
