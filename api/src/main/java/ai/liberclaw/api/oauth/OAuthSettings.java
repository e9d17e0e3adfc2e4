package ai.liberclaw.api.oauth;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.config.SecureUrl;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Browser sign-in with other providers.
 *
 * @param apiUrl where browsers reach this API; providers send them back there
 * @param timeout of one request to a provider
 */
public record OAuthSettings(URI apiUrl, Duration timeout, Site google, Site github) {
  private static final String P = "LIBERCLAW_";

  /** What we are to a provider. */
  record Client(String id, String secret) {
    @Override
    public String toString() {
      return "Client[id=" + id + ", secret hidden]";
    }
  }

  /**
   * One provider.
   *
   * @param client empty turns sign-in with it off
   * @param profile Google's page about the person, or the root of GitHub's API
   */
  record Site(Optional<Client> client, URI authorize, URI token, URI profile) {}

  /** Variables whose values are secret. */
  public static List<String> secretNames() {
    return List.of(P + "GOOGLE_CLIENT_SECRET", P + "GITHUB_CLIENT_SECRET");
  }

  /**
   * @param port where the server listens, for the addresses of development
   */
  public static OAuthSettings read(EnvReader env, boolean devMode, int port) {
    String here = devMode ? "http://localhost:" + port : "https://api.liberclaw.ai";
    URI apiUrl = SecureUrl.read(env, P + "API_URL", here, "where OAuth providers send back to");
    double seconds =
        env.decimal(P + "OAUTH_TIMEOUT_SECONDS", 10, 0.05, 60, "of a request to an OAuth provider");
    Site google =
        new Site(
            client(env, "GOOGLE", "Google"),
            SecureUrl.read(
                env,
                P + "GOOGLE_AUTHORIZE_URL",
                "https://accounts.google.com/o/oauth2/v2/auth",
                "Google's sign-in page"),
            SecureUrl.read(
                env,
                P + "GOOGLE_TOKEN_URL",
                "https://oauth2.googleapis.com/token",
                "Google's token endpoint"),
            SecureUrl.read(
                env,
                P + "GOOGLE_USERINFO_URL",
                "https://www.googleapis.com/oauth2/v3/userinfo",
                "Google's profile endpoint"));
    Site github =
        new Site(
            client(env, "GITHUB", "GitHub"),
            SecureUrl.read(
                env,
                P + "GITHUB_AUTHORIZE_URL",
                "https://github.com/login/oauth/authorize",
                "GitHub's sign-in page"),
            SecureUrl.read(
                env,
                P + "GITHUB_TOKEN_URL",
                "https://github.com/login/oauth/access_token",
                "GitHub's token endpoint"),
            SecureUrl.read(
                env, P + "GITHUB_API_URL", "https://api.github.com", "root of GitHub's API"));
    return new OAuthSettings(apiUrl, Duration.ofMillis(Math.round(seconds * 1000)), google, github);
  }

  private static Optional<Client> client(EnvReader env, String prefix, String title) {
    Optional<String> id = env.optional(P + prefix + "_CLIENT_ID", title + "'s name for us");
    Optional<String> secret =
        env.optional(P + prefix + "_CLIENT_SECRET", "turns browser sign-in with " + title + " on");
    return id.flatMap(i -> secret.map(s -> new Client(i.strip(), s.strip())));
  }
}
