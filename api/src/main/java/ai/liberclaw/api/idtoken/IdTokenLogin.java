package ai.liberclaw.api.idtoken;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.auth.EmailAddress;
import ai.liberclaw.api.auth.ExternalIdentity;
import ai.liberclaw.api.auth.ExternalLogin;
import ai.liberclaw.api.auth.RateLimits;
import ai.liberclaw.api.auth.Sessions;
import ai.liberclaw.api.auth.TokenPair;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import com.nimbusds.jwt.JWTClaimsSet;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;

/** Signs in by an ID token of Google or Apple. */
final class IdTokenLogin {
  private static final String GOOGLE = "google";
  private static final String APPLE = "apple";

  /** For the whole request; a key set has some three kilobytes. */
  private static final GuardedClient.Limits FETCH =
      new GuardedClient.Limits(Duration.ofSeconds(5), 256 * 1024, 0);

  private static final RateLimits.Limit TOKENS =
      new RateLimits.Limit(
          "id_token_hour", "sign-ins by ID token from here", 120, Duration.ofHours(1));

  private final DSLContext sql;
  private final Optional<IdTokens> google;
  private final IdTokens apple;
  private final ExternalLogin accounts;
  private final Sessions sessions;
  private final RateLimits limits;

  IdTokenLogin(
      IdTokenSettings settings,
      DSLContext sql,
      ExternalLogin accounts,
      Sessions sessions,
      RateLimits limits,
      Clock clock) {
    this.sql = sql;
    this.accounts = accounts;
    this.sessions = sessions;
    this.limits = limits;
    this.google =
        Optional.of(settings.googleAudiences())
            .filter(audiences -> !audiences.isEmpty())
            .map(audiences ->
                new IdTokens(
                    keys("Google", settings.googleKeys(), clock),
                    Set.of("https://accounts.google.com", "accounts.google.com"),
                    audiences,
                    clock));
    this.apple =
        new IdTokens(
            keys("Apple", settings.appleKeys(), clock),
            Set.of("https://appleid.apple.com"),
            Set.of(settings.appleAudience()),
            clock);
  }

  private static KeySet keys(String provider, URI url, Clock clock) {
    // Whoever runs this server chose the host: it may be a private one.
    GuardedClient client = new GuardedClient(new AddressPolicy(List.of(url.getHost())));
    return new KeySet(provider, url, client, FETCH, clock);
  }

  /**
   * Who signs in.
   *
   * @param caller a guest upgrades; anybody else counts as nobody
   * @param client what the limit counts by
   * @param device the client's own words about itself
   */
  record Request(Optional<Caller> caller, String client, String device) {}

  /**
   * @throws Refusal 501 when Google is not configured
   */
  void requireGoogle() {
    if (google.isEmpty()) {
      throw notConfigured();
    }
  }

  /**
   * Signs in by a token of Google's.
   *
   * @throws Refusal 501 when Google is not configured, 401 for a bad token, 400 for one without an
   *     address, 409 where accounts must not be joined, 429 over a limit, 503 without keys
   */
  TokenPair google(String idToken, Request request) {
    IdTokens tokens = google.orElseThrow(IdTokenLogin::notConfigured);
    limits.take(sql, TOKENS, request.client());
    JWTClaimsSet claims =
        tokens.read(idToken).orElseThrow(() -> new Refusal(401, "Invalid Google ID token"));
    Optional<EmailAddress> email = email(claims);
    if (email.isEmpty()) {
      throw new Refusal(400, "No email in Google token");
    }
    return signIn(
        new ExternalIdentity(
            GOOGLE,
            claims.getSubject(),
            email,
            emailVerified(claims),
            text(claims, "name"),
            text(claims, "picture")),
        request);
  }

  /**
   * Signs in by a token of Apple's.
   *
   * @param fullName what the app was told besides: Apple's tokens name nobody
   * @throws Refusal 401 for a bad token, 409 where accounts must not be joined, 429 over a limit,
   *     503 without keys
   */
  TokenPair apple(String identityToken, Optional<String> fullName, Request request) {
    limits.take(sql, TOKENS, request.client());
    JWTClaimsSet claims =
        apple
            .read(identityToken)
            .orElseThrow(() -> new Refusal(401, "Invalid Apple identity token"));
    return signIn(
        new ExternalIdentity(
            APPLE,
            claims.getSubject(),
            email(claims),
            emailVerified(claims),
            fullName,
            Optional.empty()),
        request);
  }

  private TokenPair signIn(ExternalIdentity identity, Request request) {
    return sql.transactionResult(tx -> {
      UUID user = accounts.signIn(tx.dsl(), identity, request.caller());
      return sessions.open(tx.dsl(), user, request.device());
    });
  }

  private static Optional<EmailAddress> email(JWTClaimsSet claims) {
    return text(claims, "email").flatMap(EmailAddress::of);
  }

  /** Apple has it as text at times. */
  private static boolean emailVerified(JWTClaimsSet claims) {
    Object verified = claims.getClaim("email_verified");
    return Boolean.TRUE.equals(verified) || "true".equals(verified);
  }

  private static Optional<String> text(JWTClaimsSet claims, String name) {
    return claims.getClaim(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  private static Refusal notConfigured() {
    return new Refusal(501, "Google auth not configured");
  }
}
