package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.activity.ActivityStore;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * Signs a device in as its guest, making the guest when there is none. Calls in parallel with one
 * device id all get the same user. An account that was upgraded is no longer reached this way.
 */
final class GuestLogin {
  private static final int DEVICE_ID_LENGTH_MAX = 255;
  private static final RateLimits.Limit HOURLY =
      new RateLimits.Limit("guest_hour", "new guests from this address", 5, Duration.ofHours(1));
  private static final RateLimits.Limit DAILY =
      new RateLimits.Limit("guest_day", "new guests from this address", 20, Duration.ofDays(1));

  /** A device id is a password: whoever may make no more guests must not go on trying ids. */
  private static final RateLimits.Limit REFUSED =
      new RateLimits.Limit(
          "guest_refused_hour", "refused guests from this address", 100, Duration.ofHours(1));

  private final DSLContext sql;
  private final Sessions sessions;
  private final RateLimits limits;
  private final Clock clock;
  private final AccountStore accounts = new AccountStore();

  GuestLogin(DSLContext sql, Sessions sessions, RateLimits limits, Clock clock) {
    this.sql = sql;
    this.sessions = sessions;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * @param address what the limits on new guests count by
   * @throws Refusal 400 for a bad device id, 429 over a limit
   */
  TokenPair signIn(String deviceId, String address, String device) {
    int length = deviceId.codePointCount(0, deviceId.length());
    if (length == 0 || length > DEVICE_ID_LENGTH_MAX) {
      throw new Refusal(400, "Invalid device ID");
    }
    // Counted before, so that many at once cannot pass the limit together.
    limits.take(sql, REFUSED, address);
    TokenPair pair =
        sql.transactionResult(tx -> {
          UUID guest =
              accounts
                  .guestByDevice(tx.dsl(), deviceId)
                  .orElseGet(() -> create(tx.dsl(), deviceId, address));
          ActivityStore.userLogin(tx.dsl(), guest, "guest");
          return sessions.open(tx.dsl(), guest, device);
        });
    limits.giveBack(sql, REFUSED, address);
    return pair;
  }

  private UUID create(DSLContext tx, String deviceId, String address) {
    accounts.releaseDevice(tx, deviceId);
    Optional<UUID> made =
        accounts.insertGuest(tx, deviceId, clock.instant().truncatedTo(ChronoUnit.MICROS));
    if (made.isPresent()) {
      // Counted by the winner of a race alone, and taken back with its row.
      limits.take(tx, HOURLY, address);
      limits.take(tx, DAILY, address);
      return made.get();
    }
    return accounts
        .guestByDevice(tx, deviceId)
        .orElseThrow(() -> new Refusal(409, "This device is signing in elsewhere, try again"));
  }
}
