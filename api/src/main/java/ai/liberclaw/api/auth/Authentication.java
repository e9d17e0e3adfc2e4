package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Before;
import ai.liberclaw.core.web.Exchange;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/**
 * Checks the bearer of every path that belongs to somebody, before the body is read and before the
 * route is looked up. Routes get the result through {@link Caller#of}.
 */
public final class Authentication implements Before {
  private static final String BASE = "/api/v1";

  /** Everything at or below these paths needs an access token. */
  private static final List<String> GUARDED =
      List.of(
          BASE + "/users",
          BASE + "/agents",
          BASE + "/chat",
          BASE + "/files",
          BASE + "/usage",
          BASE + "/activity/me",
          BASE + "/auth/logout/all");

  private final DSLContext sql;
  private final Tokens tokens;
  private final AccountStore accounts = new AccountStore();

  public Authentication(DSLContext sql, Tokens tokens) {
    this.sql = sql;
    this.tokens = tokens;
  }

  @Override
  public boolean handle(Exchange exchange) {
    if (isGuarded(exchange.rawPath())) {
      String token = bearer(exchange).orElseThrow(Unauthorized::notAuthenticated);
      check(token).attachTo(exchange);
    }
    return true;
  }

  /**
   * The caller of a route that works without one too.
   *
   * @throws Refusal 401 when a bearer was sent and is no good: it must not count as nobody
   */
  public Optional<Caller> optional(Exchange exchange) {
    return bearer(exchange).map(this::check);
  }

  private Caller check(String token) {
    Tokens.Access access = tokens.readAccess(token).orElseThrow(Unauthorized::badToken);
    AccountStore.Standing standing =
        accounts
            .standing(sql, access.userId())
            .orElseThrow(() -> Unauthorized.because("User not found"));
    boolean revoked = standing.tokensValidAfter().filter(access.issuedAt()::isBefore).isPresent();
    if (revoked) {
      throw Unauthorized.badToken();
    }
    return new Caller(access.userId(), standing.tier());
  }

  private static Optional<String> bearer(Exchange exchange) {
    return exchange
        .requestHeader("Authorization")
        .map(String::strip)
        .filter(header -> header.regionMatches(true, 0, "Bearer ", 0, 7))
        .map(header -> header.substring(7).strip())
        .filter(token -> !token.isEmpty());
  }

  private static boolean isGuarded(String rawPath) {
    for (String path : GUARDED) {
      if (rawPath.startsWith(path)
          && (rawPath.length() == path.length() || rawPath.charAt(path.length()) == '/')) {
        return true;
      }
    }
    return false;
  }
}
