package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.Secrets;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Opens, refreshes and ends sessions. A refresh token works once. */
public final class Sessions {
  /** How long refreshes may follow one another before a new sign-in is due. */
  public static final Duration FAMILY_AGE_MAX = Duration.ofDays(90);

  /** A refresh token that travelled in an address must come within this time, or never. */
  public static final Duration FIRST_USE_MAX = Duration.ofHours(24);

  /** Good ones do not count: a house of many people has one address. */
  private static final RateLimits.Limit BAD_REFRESHES =
      new RateLimits.Limit(
          "refresh_hour", "failed refreshes from this address", 300, Duration.ofHours(1));

  private static final int DEVICE_LENGTH_MAX = 500;
  private static final Logger LOG = System.getLogger(Sessions.class.getName());

  private final DSLContext sql;
  private final Tokens tokens;
  private final Duration reuseGrace;
  private final RateLimits limits;
  private final Clock clock;
  private final SessionStore sessions = new SessionStore();
  private final AccountStore accounts = new AccountStore();

  /**
   * @param reuseGrace for this long a token rotated by one browser tab may come again from another
   */
  public Sessions(
      DSLContext sql, Tokens tokens, Duration reuseGrace, RateLimits limits, Clock clock) {
    this.sql = sql;
    this.tokens = tokens;
    this.reuseGrace = reuseGrace;
    this.limits = limits;
    this.clock = clock;
  }

  /** A new sign-in, in the caller's transaction. */
  public TokenPair open(DSLContext tx, UUID userId, String device) {
    return open(tx, userId, device, now(), Optional.empty());
  }

  /**
   * A new sign-in, in the caller's transaction, whose tokens travel in an address. Addresses stay
   * in histories and logs, so the refresh token works within {@link #FIRST_USE_MAX} or never.
   */
  public TokenPair openInAddress(DSLContext tx, UUID userId, String device) {
    Instant now = now();
    return open(tx, userId, device, now, Optional.of(now.plus(FIRST_USE_MAX)));
  }

  private TokenPair open(
      DSLContext tx, UUID userId, String device, Instant now, Optional<Instant> firstUseUntil) {
    SessionStore.Family family = new SessionStore.Family(userId, UUID.randomUUID(), now);
    return pair(tx, family, device, now, firstUseUntil);
  }

  /**
   * @param client what the limit on bad tokens counts by
   * @throws Refusal 401 for anything but a live refresh token, 429 after too many of those
   */
  TokenPair refresh(String token, String client, String device) {
    // Counted before, so that many at once cannot pass the limit together.
    limits.take(sql, BAD_REFRESHES, client);
    TokenPair pair = refresh(token, device);
    limits.giveBack(sql, BAD_REFRESHES, client);
    return pair;
  }

  private TokenPair refresh(String token, String device) {
    Tokens.Refresh read =
        tokens.readRefresh(token).orElseThrow(() -> Unauthorized.because("Invalid refresh token"));
    String hash = Secrets.sha256Hex(token);
    Instant now = now();
    Optional<TokenPair> pair =
        sql.transactionResult(tx -> {
          // First of all, as whoever ends sessions does: else a session that is made here meanwhile
          // would not be seen, and outlive them.
          accounts.lock(tx.dsl(), read.userId());
          Optional<TokenPair> next =
              sessions
                  .rotate(tx.dsl(), read, hash, now, now.minus(FAMILY_AGE_MAX))
                  .map(family -> pair(tx.dsl(), family, device, now, Optional.empty()));
          if (next.isEmpty()) {
            revokeReused(tx.dsl(), read, hash, now);
          }
          return next;
        });
    return pair.orElseThrow(() -> Unauthorized.because("Session expired or revoked"));
  }

  private void revokeReused(DSLContext tx, Tokens.Refresh read, String hash, Instant now) {
    int revoked = sessions.revokeReused(tx, read.sessionId(), hash, now.minus(reuseGrace), now);
    if (revoked > 0) {
      LOG.log(Level.WARNING, "session.token_reused user={0} revoked={1}", read.userId(), revoked);
    }
  }

  /**
   * Ends the sign-in of this refresh token, if there is one: also what another tab makes of the
   * token at this moment.
   */
  void close(String token) {
    String hash = Secrets.sha256Hex(token);
    sql.transaction(tx ->
        sessions
            .owner(tx.dsl(), hash)
            .ifPresent(user -> {
              accounts.lock(tx.dsl(), user);
              sessions.revokeFamily(tx.dsl(), hash, now());
            }));
  }

  /** Ends all sessions of a user and refuses the access tokens issued so far. */
  void closeAll(UUID userId) {
    Instant now = now();
    sql.transaction(tx -> {
      // This locks the user before the sessions are looked at: a refresh in flight has made its
      // session by then, or finds its own one ended. Tokens carry whole seconds; pair() dates a
      // later token of this second into the next.
      accounts.refuseTokensBefore(
          tx.dsl(), userId, now.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
      sessions.revokeAll(tx.dsl(), userId, now);
    });
  }

  private TokenPair pair(
      DSLContext tx,
      SessionStore.Family family,
      String device,
      Instant now,
      Optional<Instant> firstUseUntil) {
    Instant validAfter =
        accounts
            .seen(tx, family.userId(), now)
            .orElseThrow(() -> Unauthorized.because("User not found"))
            .tokensValidAfter()
            .orElse(now);
    UUID id = UUID.randomUUID();
    String refresh = tokens.refresh(family.userId(), id, now);
    sessions.insert(
        tx,
        id,
        family,
        Secrets.sha256Hex(refresh),
        cut(device),
        now,
        now.plus(tokens.refreshLifetime()),
        firstUseUntil);
    Instant issued = validAfter.isAfter(now) ? validAfter : now;
    return new TokenPair(tokens.access(family.userId(), issued), refresh, tokens.accessLifetime());
  }

  private static String cut(String device) {
    StringBuilder text = new StringBuilder();
    device.codePoints().filter(c -> c != 0).limit(DEVICE_LENGTH_MAX).forEach(text::appendCodePoint);
    return text.toString();
  }

  private Instant now() {
    // PostgreSQL keeps microseconds.
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
