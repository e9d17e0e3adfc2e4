package ai.liberclaw.api.auth;

import ai.liberclaw.api.mail.MailOutbox;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/** The parts of signing in, wired. */
public record SignIn(
    Authentication authentication,
    Sessions sessions,
    GuestLogin guests,
    Optional<EmailLogin> emails,
    ClientAddress addresses,
    RateLimits limits) {

  /**
   * @param jwtSecrets the first signs tokens, the others are retired but still read; 32 bytes or
   *     more each
   * @param magicLinkSecret keys the hashes of codes; empty turns sign-in by mail off
   * @param frontend where links in mails lead
   * @param throttleMultiplier of every rate limit
   * @param trustedProxies whose {@code X-Forwarded-For} is believed
   */
  public record Settings(
      List<String> jwtSecrets,
      Duration accessLifetime,
      Duration refreshLifetime,
      Duration reuseGrace,
      Optional<String> magicLinkSecret,
      URI frontend,
      double throttleMultiplier,
      List<String> trustedProxies) {
    public Settings {
      jwtSecrets = List.copyOf(jwtSecrets);
      trustedProxies = List.copyOf(trustedProxies);
    }

    @Override
    public String toString() {
      return "SignIn.Settings[secrets hidden]";
    }
  }

  /**
   * @param mails where mails go; empty when there is no way to send one
   */
  public static SignIn of(
      Settings settings, DSLContext sql, Optional<MailOutbox> mails, Clock clock) {
    Tokens tokens =
        new Tokens(
            settings.jwtSecrets(), settings.accessLifetime(), settings.refreshLifetime(), clock);
    RateLimits limits = new RateLimits(settings.throttleMultiplier(), clock);
    Sessions sessions = new Sessions(sql, tokens, settings.reuseGrace(), limits, clock);
    Optional<EmailLogin> emails =
        mails.flatMap(outbox ->
            settings
                .magicLinkSecret()
                .map(secret ->
                    new EmailLogin(
                        sql,
                        new CodeHash(secret),
                        settings.frontend(),
                        outbox,
                        sessions,
                        limits,
                        clock)));
    return new SignIn(
        new Authentication(sql, tokens, new PersonalTokens(sql, clock)),
        sessions,
        new GuestLogin(sql, sessions, limits, clock),
        emails,
        new ClientAddress(settings.trustedProxies()),
        limits);
  }
}
