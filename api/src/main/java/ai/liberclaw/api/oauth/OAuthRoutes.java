package ai.liberclaw.api.oauth;

import ai.liberclaw.api.auth.ClientAddress;
import ai.liberclaw.api.auth.RateLimits;
import ai.liberclaw.api.auth.SignIn;
import ai.liberclaw.core.config.SecureUrl;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import io.helidon.http.Status;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.jooq.DSLContext;

/**
 * {@code /auth/oauth}: pages a browser is sent through. Whatever goes wrong, it ends at the web
 * app, which is told why; only a provider that is not configured is said in JSON.
 */
public final class OAuthRoutes {
  static final String COOKIE = "liberclaw_oauth";

  private static final String BASE = "/api/v1/auth/oauth";
  private static final int BODY_BYTES_MAX = 512 * 1024;
  private static final int PARAMETER_LENGTH_MAX = 4096;
  private static final Logger LOG = System.getLogger(OAuthRoutes.class.getName());

  private final Optional<Provider> google;
  private final Optional<Provider> github;
  private final OAuthLogin logins;
  private final ClientAddress addresses;
  private final String callbackPage;
  private final boolean secureCookie;

  private OAuthRoutes(
      Optional<Provider> google,
      Optional<Provider> github,
      OAuthLogin logins,
      ClientAddress addresses,
      URI frontend,
      boolean secureCookie) {
    this.google = google;
    this.github = github;
    this.logins = logins;
    this.addresses = addresses;
    this.callbackPage = frontend.toString().replaceFirst("/$", "") + "/auth/callback?";
    this.secureCookie = secureCookie;
  }

  /** Browser sign-in with the providers that are configured. */
  public static OAuthRoutes of(
      OAuthSettings settings, SignIn.Settings web, SignIn signIn, DSLContext sql, Clock clock) {
    RateLimits limits = new RateLimits(web.throttleMultiplier(), clock);
    return new OAuthRoutes(
        settings
            .google()
            .client()
            .map(client -> new GoogleProvider(settings, client, callback(settings, "google"))),
        settings
            .github()
            .client()
            .map(client -> new GitHubProvider(settings, client, callback(settings, "github"))),
        new OAuthLogin(sql, signIn.sessions(), limits, clock),
        signIn.addresses(),
        web.frontend(),
        !SecureUrl.onLoopback(settings.apiUrl()));
  }

  private static URI callback(OAuthSettings settings, String provider) {
    return URI.create(settings.apiUrl() + BASE + "/" + provider + "/callback");
  }

  public void addTo(Router router) {
    // Whoever only looks at a link must not use it up.
    router
        .getWithoutHead(BASE + "/google", exchange -> start(exchange, google()))
        .getWithoutHead(BASE + "/google/callback", exchange -> finish(exchange, google()))
        .getWithoutHead(BASE + "/github", exchange -> start(exchange, github()))
        .getWithoutHead(BASE + "/github/callback", exchange -> finish(exchange, github()))
        .post(BASE + "/exchange", this::exchange);
  }

  private Provider google() {
    return google.orElseThrow(() -> new Refusal(501, "Google OAuth not configured"));
  }

  private Provider github() {
    return github.orElseThrow(() -> new Refusal(501, "GitHub OAuth not configured"));
  }

  private void start(Exchange exchange, Provider provider) {
    redirect(exchange, departure(exchange, provider));
  }

  private void finish(Exchange exchange, Provider provider) throws InterruptedException {
    redirect(exchange, callbackPage + arrival(exchange, provider));
  }

  /** Where the browser goes first, with its cookie. */
  private String departure(Exchange exchange, Provider provider) {
    Optional<Flow> flow = Flow.named(exchange.query("flow").orElse(Flow.TOKENS.wireName()));
    if (flow.isEmpty()) {
      return callbackPage + failed(exchange, provider, LoginError.INVALID_REQUEST, "unknown flow");
    }
    try {
      OAuthLogin.Start start = logins.start(provider, flow.get(), addresses.limitSubject(exchange));
      setCookie(exchange, start.cookie(), OAuthLogin.STATE_LIFETIME.toSeconds());
      return start.authorize().toString();
    } catch (Refusal e) {
      return callbackPage + failed(exchange, provider, LoginError.TOO_MANY_REQUESTS, e.text());
    } catch (RuntimeException e) {
      return callbackPage + failed(exchange, provider, e);
    }
  }

  /** What the browser brings to the web app. */
  private String arrival(Exchange exchange, Provider provider) throws InterruptedException {
    try {
      Optional<String> state = parameter(exchange, "state");
      Optional<String> cookie = cookie(exchange);
      Optional<Attempt> attempt =
          state.isPresent() && cookie.isPresent()
              ? logins.claim(provider, state.get(), cookie.get())
              : Optional.empty();
      if (attempt.isEmpty()) {
        return failed(
            exchange, provider, LoginError.INVALID_STATE, "not begun by this browser, or old");
      }
      setCookie(exchange, "", 0);
      return arrival(exchange, provider, attempt.get());
    } catch (RuntimeException e) {
      return failed(exchange, provider, e);
    }
  }

  private String arrival(Exchange exchange, Provider provider, Attempt attempt)
      throws InterruptedException {
    Optional<String> error = parameter(exchange, "error");
    if (error.isPresent()) {
      return error.get().equals("access_denied")
          ? failed(exchange, provider, LoginError.ACCESS_DENIED, "the person said no")
          : failed(exchange, provider, LoginError.PROVIDER_ERROR, "refused by the provider");
    }
    Optional<String> code = parameter(exchange, "code");
    if (code.isEmpty()) {
      return failed(exchange, provider, LoginError.INVALID_REQUEST, "no code");
    }
    try {
      return logins.finish(provider, code.get(), attempt, device(exchange));
    } catch (ProviderException e) {
      return failed(exchange, provider, LoginError.PROVIDER_ERROR, String.valueOf(e.getMessage()));
    } catch (Refusal e) {
      return failed(exchange, provider, LoginError.EMAIL_UNVERIFIED, e.text());
    }
  }

  private void exchange(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String code = fields.text("code", 1, PARAMETER_LENGTH_MAX);
    fields.check();
    exchange.header("Cache-Control", "no-store");
    exchange.send(logins.exchange(code, device(exchange)).json());
  }

  private static Optional<String> parameter(Exchange exchange, String name) {
    return exchange
        .query(name)
        .filter(value -> !value.isEmpty() && value.length() <= PARAMETER_LENGTH_MAX);
  }

  private static Optional<String> cookie(Exchange exchange) {
    return exchange
        .request()
        .headers()
        .cookies()
        .first(COOKIE)
        .asOptional()
        .filter(value -> value.length() <= PARAMETER_LENGTH_MAX);
  }

  /** Zero seconds take the cookie away. */
  private void setCookie(Exchange exchange, String value, long seconds) {
    exchange.header(
        "Set-Cookie",
        COOKIE
            + "="
            + value
            + "; Max-Age="
            + seconds
            + "; Path="
            + BASE
            + "; HttpOnly; SameSite=Lax"
            + (secureCookie ? "; Secure" : ""));
  }

  /**
   * @param reason for the log alone
   */
  private static String failed(
      Exchange exchange, Provider provider, LoginError error, String reason) {
    LOG.log(
        // What the person did is no news; a provider that fails, or that we fail, is.
        error == LoginError.PROVIDER_ERROR ? Level.WARNING : Level.INFO,
        "oauth.refused id={0} provider={1} error={2} reason={3}",
        exchange.id(),
        provider.name(),
        error.code(),
        reason);
    return "error=" + error.code();
  }

  private static String failed(Exchange exchange, Provider provider, RuntimeException cause) {
    LOG.log(
        Level.ERROR, "oauth.failed id=" + exchange.id() + " provider=" + provider.name(), cause);
    return "error=" + LoginError.SERVER_ERROR.code();
  }

  /** Where to is never logged: it may hold tokens. */
  private static void redirect(Exchange exchange, String target) {
    exchange
        .header("Location", target)
        .header("Cache-Control", "no-store")
        .header("Referrer-Policy", "no-referrer");
    exchange.response().status(Status.TEMPORARY_REDIRECT_307).send();
  }

  private static String device(Exchange exchange) {
    return exchange.requestHeader("User-Agent").orElse("");
  }
}
