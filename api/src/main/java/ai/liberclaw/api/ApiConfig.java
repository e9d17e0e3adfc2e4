package ai.liberclaw.api;

import ai.liberclaw.api.activity.FeedLimits;
import ai.liberclaw.api.auth.ClientAddress;
import ai.liberclaw.api.auth.SignIn;
import ai.liberclaw.api.auth.Tokens;
import ai.liberclaw.api.idtoken.IdTokenSettings;
import ai.liberclaw.api.inference.InferenceLimits;
import ai.liberclaw.api.mail.MailSettings;
import ai.liberclaw.api.network.NetworkSettings;
import ai.liberclaw.api.oauth.OAuthSettings;
import ai.liberclaw.api.operations.OperationsSettings;
import ai.liberclaw.api.usage.TierLimits;
import ai.liberclaw.api.users.IdleGuests;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.log.Logging;
import ai.liberclaw.deploy.ControlPlaneConfig;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of the API server, read once from the environment.
 *
 * @param port 0 takes any free port
 * @param corsOrigins web pages that may read answers
 * @param control agents, their providers and models
 * @param drain how long open requests may take to end when the server stops
 * @param operations admin port, access log, and what is served beside the API
 * @param idTokens of phones that sign in by Google or Apple
 * @param oauth browser sign-in with Google and GitHub
 * @param guestIdle how long guests may stay away before they are deleted
 * @param feed how many may watch the public feed
 */
public record ApiConfig(
    String host,
    int port,
    String databaseUrl,
    SignIn.Settings signIn,
    Set<String> corsOrigins,
    TierLimits tiers,
    int streamsPerUser,
    ControlPlaneConfig control,
    Duration drain,
    OperationsSettings operations,
    MailSettings mail,
    NetworkSettings network,
    IdTokenSettings idTokens,
    OAuthSettings oauth,
    Duration guestIdle,
    FeedLimits feed,
    InferenceLimits.Settings inference) {
  private static final String P = "LIBERCLAW_";
  private static final Duration DRAIN = Duration.ofSeconds(10);

  public ApiConfig {
    corsOrigins = Set.copyOf(corsOrigins);
  }

  /** Development mode and the data directory are known before the rest: secrets come from there. */
  static Map<String, String> withDevSecrets(Map<String, String> environment) {
    EnvReader env = new EnvReader(environment);
    return devMode(env) ? DevSecrets.complete(environment, Path.of(dataDir(env))) : environment;
  }

  /** Variables whose values are emptied in the process's environment block after reading. */
  static List<String> secretNames() {
    List<String> names = new ArrayList<>(ControlPlaneConfig.secretNames());
    names.addAll(List.of(P + "DATABASE_URL", P + "JWT_SECRET", P + "MAGIC_LINK_SECRET"));
    names.addAll(MailSettings.secretNames());
    names.addAll(NetworkSettings.secretNames());
    names.add(P + "JWT_RETIRED_SECRETS");
    names.addAll(OAuthSettings.secretNames());
    return names;
  }

  /**
   * @throws ConfigException naming all problems, never a value
   */
  public static ApiConfig fromEnv(Map<String, String> environment) {
    return read(new EnvReader(environment));
  }

  /** The table of all variables. */
  static String help() {
    return EnvReader.help(
        "LiberClaw web API. Settings are environment variables, also from a .env file here:",
        ApiConfig::read);
  }

  static ApiConfig read(EnvReader env) {
    String host = env.text("HOST", "127.0.0.1", "address to listen on");
    int port = (int) env.integer("PORT", 8000, 0, 65_535, "port to listen on, 0 for any free one");
    env.choice(Logging.FORMAT_VARIABLE, "text", Logging.FORMATS, "form of log lines");
    String databaseUrl =
        env.text(
            P + "DATABASE_URL",
            "postgresql+asyncpg://localhost/liberclaw",
            "PostgreSQL, or embedded:<directory>");
    boolean devMode = devMode(env);
    SignIn.Settings signIn = signIn(env, devMode, port);
    Set<String> origins = origins(env, devMode ? Optional.of(signIn.frontend()) : Optional.empty());
    TierLimits tiers = TierLimits.read(env);
    int streams =
        (int) env.integer(P + "MAX_STREAMS_PER_USER", 10, 1, 10_000, "open streams of one user");
    OAuthSettings oauth = OAuthSettings.read(env, devMode, port);
    ControlPlaneConfig control = ControlPlaneConfig.read(env);
    OperationsSettings operations = OperationsSettings.read(env);
    MailSettings mail = MailSettings.read(env, devMode);
    NetworkSettings network = NetworkSettings.read(env, devMode);
    IdTokenSettings idTokens = IdTokenSettings.read(env);
    Duration guestIdle = IdleGuests.read(env);
    FeedLimits feed = FeedLimits.read(env);
    InferenceLimits.Settings inference = InferenceLimits.Settings.read(env);
    env.throwIfProblems();
    return new ApiConfig(
        host,
        port,
        databaseUrl,
        signIn,
        origins,
        tiers,
        streams,
        control,
        DRAIN,
        operations,
        mail,
        network,
        idTokens,
        oauth,
        guestIdle,
        feed,
        inference);
  }

  private static boolean devMode(EnvReader env) {
    return env.flag(P + "DEV_MODE", false, "mail to the console, loopback agents, made-up secrets");
  }

  private static String dataDir(EnvReader env) {
    return env.text(P + "DATA_DIR", "./data", "agents of this machine, and dev.env");
  }

  private static SignIn.Settings signIn(EnvReader env, boolean devMode, int port) {
    String secretName = P + "JWT_SECRET";
    String secret = env.required(secretName, "signs tokens, 32 bytes or more");
    if (!secret.isEmpty() && isShort(secret)) {
      env.problem(secretName, "must have " + Tokens.SECRET_BYTES_MIN + " bytes or more");
    }
    List<String> secrets = new ArrayList<>(List.of(secret));
    String retiredName = P + "JWT_RETIRED_SECRETS";
    secrets.addAll(env.list(retiredName, List.of(), "former secrets, still good for reading"));
    if (secrets.stream().skip(1).anyMatch(ApiConfig::isShort)) {
      env.problem(retiredName, "must have " + Tokens.SECRET_BYTES_MIN + " bytes or more each");
    }
    String _ = env.choice(P + "JWT_ALGORITHM", "hs256", List.of("hs256"), "of tokens");
    Duration access =
        Duration.ofMinutes(
            env.integer(P + "ACCESS_TOKEN_EXPIRE_MINUTES", 15, 1, 1440, "life of access tokens"));
    Duration refresh =
        Duration.ofDays(
            env.integer(P + "REFRESH_TOKEN_EXPIRE_DAYS", 30, 1, 90, "life of refresh tokens"));
    Duration grace =
        env.seconds(P + "REFRESH_REUSE_GRACE_SECONDS", 30, 0, "a rotated token may come again for");
    Optional<String> magicLink =
        env.optional(P + "MAGIC_LINK_SECRET", "keys sign-in codes; without it no sign-in by mail");
    URI frontend = uri(env, P + "FRONTEND_URL", frontend(devMode, port), "where mails lead");
    double throttle =
        env.decimal(P + "THROTTLE_MULTIPLIER", 1, 0.001, 1e9, "multiplies every rate limit");
    List<String> proxies =
        env.list(
            P + "TRUSTED_PROXIES",
            List.of("127.0.0.0/8", "::1"),
            "whose X-Forwarded-For is believed");
    try {
      ClientAddress _ = new ClientAddress(proxies);
    } catch (IllegalArgumentException _) {
      env.problem(P + "TRUSTED_PROXIES", "must be addresses or networks such as 10.0.0.0/8");
    }
    return new SignIn.Settings(
        secrets, access, refresh, grace, magicLink, frontend, throttle, proxies);
  }

  private static boolean isShort(String secret) {
    return secret.getBytes(StandardCharsets.UTF_8).length < Tokens.SECRET_BYTES_MIN;
  }

  private static String frontend(boolean devMode, int port) {
    return devMode ? "http://localhost:" + port : "https://app.liberclaw.ai";
  }

  private static URI uri(EnvReader env, String name, String defaultValue, String meaning) {
    String text = env.text(name, defaultValue, meaning);
    try {
      URI uri = URI.create(text.strip());
      if (uri.getHost() != null && String.valueOf(uri.getScheme()).startsWith("http")) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // Told below, as any other that is no web address.
    }
    env.problem(name, "must be a web address");
    return URI.create(defaultValue);
  }

  private static Set<String> origins(EnvReader env, Optional<URI> added) {
    String name = P + "CORS_ORIGINS";
    String text =
        env.text(
            name,
            "https://app.liberclaw.ai,https://liberclaw.ai",
            "web pages that may call, comma list or JSON array");
    Set<String> origins = new LinkedHashSet<>();
    if (text.strip().startsWith("[")) {
      try {
        for (JsonNode origin : Json.parse(text)) {
          origins.add(origin.asText().strip());
        }
      } catch (JsonException _) {
        env.problem(name, "is not a JSON array");
      }
    } else {
      Arrays.stream(text.split(",")).map(String::strip).forEach(origins::add);
    }
    added.ifPresent(uri -> origins.add(uri.toString()));
    origins.remove("");
    return origins;
  }
}
