package ai.liberclaw.api.oauth;

import ai.liberclaw.api.auth.ExternalIdentity;
import ai.liberclaw.api.auth.ExternalLogin;
import ai.liberclaw.api.auth.RateLimits;
import ai.liberclaw.api.auth.Sessions;
import ai.liberclaw.api.auth.TokenPair;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.Secrets;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * A browser's way to a provider and back. Only the browser that went may come back: its cookie is
 * bound to the state, and both work once. No database connection is held while a provider is asked.
 */
final class OAuthLogin {
  /** How long a browser may be away. */
  static final Duration STATE_LIFETIME = Duration.ofMinutes(10);

  private static final Duration CODE_LIFETIME = Duration.ofMinutes(2);
  private static final int SECRET_BYTES = 32;
  private static final RateLimits.Limit STARTS =
      new RateLimits.Limit("oauth_ip_hour", "sign-ins from here", 100, Duration.ofHours(1));

  private final DSLContext sql;
  private final Sessions sessions;
  private final RateLimits limits;
  private final ExternalLogin accounts;
  private final Clock clock;
  private final OAuthStore store = new OAuthStore();

  OAuthLogin(DSLContext sql, Sessions sessions, RateLimits limits, Clock clock) {
    this.sql = sql;
    this.sessions = sessions;
    this.limits = limits;
    this.accounts = new ExternalLogin(clock);
    this.clock = clock;
  }

  /**
   * A sign-in that has begun.
   *
   * @param authorize where the browser goes
   * @param cookie what it must bring back
   */
  record Start(URI authorize, String cookie) {
    @Override
    public String toString() {
      return "Start[secrets hidden]";
    }
  }

  /**
   * @param client what the limit per client counts by
   * @throws Refusal 429 over the limit
   */
  Start start(Provider provider, Flow flow, String client) {
    String state = Secrets.token(SECRET_BYTES);
    String cookie = Secrets.token(SECRET_BYTES);
    Attempt attempt = Attempt.begin(flow);
    Instant now = now();
    sql.transaction(tx -> {
      limits.take(tx.dsl(), STARTS, client);
      store.insertState(
          tx.dsl(),
          Secrets.sha256Hex(state),
          Secrets.sha256Hex(cookie),
          provider.name(),
          attempt,
          now,
          now.plus(STATE_LIFETIME));
    });
    return new Start(provider.authorizeUrl(state, attempt), cookie);
  }

  /** The sign-in that this browser began; empty when it did not, or came too late or again. */
  Optional<Attempt> claim(Provider provider, String state, String cookie) {
    return store.claimState(
        sql, Secrets.sha256Hex(state), Secrets.sha256Hex(cookie), provider.name(), now());
  }

  /**
   * Asks the provider who came back.
   *
   * @return the query for the web app
   * @throws Refusal 409 where accounts must not be joined
   */
  String finish(Provider provider, String code, Attempt attempt, String device)
      throws ProviderException, InterruptedException {
    ExternalIdentity identity = provider.identity(code, attempt);
    return sql.transactionResult(tx -> {
      UUID user = accounts.signIn(tx.dsl(), identity, Optional.empty());
      return switch (attempt.flow()) {
        case TOKENS -> {
          TokenPair pair = sessions.openInAddress(tx.dsl(), user, device);
          yield "access_token=" + pair.accessToken() + "&refresh_token=" + pair.refreshToken();
        }
        case CODE -> "code=" + issueCode(tx.dsl(), user);
      };
    });
  }

  private String issueCode(DSLContext tx, UUID user) {
    String code = Secrets.token(SECRET_BYTES);
    Instant now = now();
    store.insertCode(tx, Secrets.sha256Hex(code), user, now, now.plus(CODE_LIFETIME));
    return code;
  }

  /**
   * @throws Refusal 400 for a code that is unknown, used or expired
   */
  TokenPair exchange(String code, String device) {
    Instant now = now();
    return sql.transactionResult(tx -> {
      UUID user =
          store
              .claimCode(tx.dsl(), Secrets.sha256Hex(code), now)
              .orElseThrow(() -> new Refusal(400, "Invalid or expired code"));
      return sessions.open(tx.dsl(), user, device);
    });
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
