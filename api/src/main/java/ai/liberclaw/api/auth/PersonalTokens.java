package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.Secrets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jooq.DSLContext;

/** Makes the values of personal access tokens, and checks those that requests bring. */
public final class PersonalTokens {
  private static final String PREFIX = "lc_";
  private static final int RANDOM_BYTES = 32;
  private static final Pattern VALUE = Pattern.compile("lc_[A-Za-z0-9_-]{43}");

  private final DSLContext sql;
  private final Clock clock;
  private final PersonalTokenStore store = new PersonalTokenStore();

  PersonalTokens(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  /** A new value, which only its hash must ever be stored of. */
  public static String newValue() {
    return PREFIX + Secrets.token(RANDOM_BYTES);
  }

  /** Whether a bearer is meant as one: no JSON web token begins so. */
  static boolean isOne(String bearer) {
    return bearer.startsWith(PREFIX);
  }

  /**
   * The owner, when the token allows what is asked.
   *
   * @param needed empty where personal access tokens are not taken
   * @throws Refusal 401 for one that is unknown, revoked or expired, 403 for one without the scope
   */
  Caller check(String token, Optional<Scope> needed) {
    Instant now = clock.instant();
    PersonalTokenStore.Grant grant =
        Optional.of(token)
            .filter(value -> VALUE.matcher(value).matches())
            .flatMap(value -> store.find(sql, Secrets.sha256Hex(value), now))
            .orElseThrow(Unauthorized::badToken);
    Instant minute = now.truncatedTo(ChronoUnit.MINUTES);
    if (grant.lastUsed().filter(last -> !last.isBefore(minute)).isEmpty()) {
      store.used(sql, grant.id(), minute);
    }
    Scope scope =
        needed.orElseThrow(() -> new Refusal(403, "Not allowed with a personal access token"));
    if (!grant.scopes().contains(scope.key())) {
      throw new Refusal(403, "Token lacks scope " + scope.key());
    }
    return grant.owner();
  }
}
