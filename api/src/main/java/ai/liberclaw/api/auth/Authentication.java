package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Before;
import ai.liberclaw.core.web.Exchange;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/**
 * Checks the bearer of every path that belongs to somebody, and what a personal access token may be
 * used for, before the body is read and before the route is looked up. Routes get the result
 * through {@link Caller#of}.
 */
public final class Authentication implements Before {
  /** Everything at or below these paths needs an access token or a personal one. */
  private static final List<String> GUARDED =
      List.of("/users", "/agents", "/chat", "/files", "/usage", "/activity/me", "/auth/logout/all");

  private final DSLContext sql;
  private final Tokens tokens;
  private final PersonalTokens personal;
  private final AccountStore accounts = new AccountStore();

  Authentication(DSLContext sql, Tokens tokens, PersonalTokens personal) {
    this.sql = sql;
    this.tokens = tokens;
    this.personal = personal;
  }

  @Override
  public boolean handle(Exchange exchange) {
    // No route answers OPTIONS: it is 405 for everybody.
    if (isGuarded(exchange.rawPath()) && !exchange.method().equals("OPTIONS")) {
      String token = bearer(exchange).orElseThrow(Unauthorized::notAuthenticated);
      Optional<Scope> needed = Scope.needed(exchange.method(), exchange.rawPath());
      check(token, needed).attachTo(exchange);
    }
    return true;
  }

  /**
   * The caller of a route that works without one too.
   *
   * @throws Refusal 401 when a bearer was sent and is no good: it must not count as nobody; 403 for
   *     a personal access token, which signs nobody in
   */
  public Optional<Caller> optional(Exchange exchange) {
    return bearer(exchange).map(token -> check(token, Optional.empty()));
  }

  private Caller check(String token, Optional<Scope> needed) {
    return PersonalTokens.isOne(token) ? personal.check(token, needed) : check(token);
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
    return GUARDED.stream().anyMatch(path -> Paths.within(rawPath, path));
  }
}
