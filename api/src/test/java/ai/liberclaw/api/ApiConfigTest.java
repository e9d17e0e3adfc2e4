package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings, and the secrets that development mode makes up. */
class ApiConfigTest {
  @TempDir Path data;

  @Test
  void allProblemsAreToldTogetherAndNoValue() {
    ConfigException refused =
        assertThrows(
            ConfigException.class,
            () ->
                ApiConfig.fromEnv(
                    Map.of(
                        "PORT", "80000",
                        "LIBERCLAW_JWT_SECRET", "too-short-value",
                        "LIBERCLAW_TRUSTED_PROXIES", "nonsense-value")));
    String text = String.valueOf(refused.getMessage());
    for (String name :
        Set.of(
            "PORT",
            "LIBERCLAW_JWT_SECRET",
            "LIBERCLAW_ENCRYPTION_KEY",
            "LIBERCLAW_TRUSTED_PROXIES")) {
      assertTrue(text.contains(name), text);
    }
    assertFalse(text.contains("value"), text);
  }

  @Test
  void keysOfProvidersAreFetchedOverTlsOrFromThisMachine() {
    Map<String, String> env = new HashMap<>();
    env.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    env.put("LIBERCLAW_ENCRYPTION_KEY", "A".repeat(43) + "=");
    assertEquals(
        "https://www.googleapis.com/oauth2/v3/certs",
        ApiConfig.fromEnv(env).idTokens().googleKeys().toString());
    assertEquals("io.libertai.liberclaw", ApiConfig.fromEnv(env).idTokens().appleAudience());
    env.put("LIBERCLAW_GOOGLE_IOS_CLIENT_ID", "ios");
    assertEquals(Set.of(), ApiConfig.fromEnv(env).idTokens().googleAudiences());
    env.put("LIBERCLAW_GOOGLE_CLIENT_ID", "web");
    assertEquals(Set.of("web", "ios"), ApiConfig.fromEnv(env).idTokens().googleAudiences());
    for (String good : Set.of("http://127.0.0.1:1/k", "http://[::1]:1/k", "https://a.example/k")) {
      env.put("LIBERCLAW_APPLE_JWKS_URL", good);
      assertEquals(good, ApiConfig.fromEnv(env).idTokens().appleKeys().toString());
    }
    for (String bad : Set.of("http://a.example/k", "file:///k", "nonsense value")) {
      env.put("LIBERCLAW_APPLE_JWKS_URL", bad);
      ConfigException refused =
          assertThrows(ConfigException.class, () -> ApiConfig.fromEnv(env), bad);
      assertTrue(String.valueOf(refused.getMessage()).contains("LIBERCLAW_APPLE_JWKS_URL"));
    }
  }

  @Test
  void retiredSecretsAreAsLongAsSecrets() {
    Map<String, String> env = new HashMap<>();
    env.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    env.put("LIBERCLAW_ENCRYPTION_KEY", "A".repeat(43) + "=");
    env.put("LIBERCLAW_JWT_RETIRED_SECRETS", "o".repeat(32) + ", " + "p".repeat(40));
    assertEquals(3, ApiConfig.fromEnv(env).signIn().jwtSecrets().size());
    env.put("LIBERCLAW_JWT_RETIRED_SECRETS", "too-short");
    assertThrows(ConfigException.class, () -> ApiConfig.fromEnv(env));
  }

  @Test
  void secretsOfDevelopmentAreMadeOnceForTheirOwnerAlone() throws Exception {
    Map<String, String> env = new HashMap<>();
    env.put("LIBERCLAW_DEV_MODE", "true");
    env.put("LIBERCLAW_DATA_DIR", data.toString());
    Map<String, String> first = ApiConfig.withDevSecrets(env);
    ApiConfig config = ApiConfig.fromEnv(first);
    assertEquals("http://localhost:8000", config.signIn().frontend().toString());
    assertEquals(first, ApiConfig.withDevSecrets(env));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("dev.env"))));
    env.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    assertEquals("s".repeat(32), ApiConfig.withDevSecrets(env).get("LIBERCLAW_JWT_SECRET"));
  }

  @Test
  void outsideDevelopmentNothingIsMadeUp() {
    assertEquals(Map.of(), ApiConfig.withDevSecrets(Map.of()));
    assertThrows(ConfigException.class, () -> ApiConfig.fromEnv(Map.of()));
  }

  @Test
  void originsAreAListOrAnArray() {
    Map<String, String> env = new HashMap<>();
    env.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    env.put("LIBERCLAW_ENCRYPTION_KEY", "A".repeat(43) + "=");
    for (String text :
        Set.of(
            "https://a.example, https://b.example",
            "[\"https://a.example\",\"https://b.example\"]")) {
      env.put("LIBERCLAW_CORS_ORIGINS", text);
      assertEquals(
          Set.of("https://a.example", "https://b.example"), ApiConfig.fromEnv(env).corsOrigins());
    }
  }

  @Test
  void helpNamesEveryVariableWithItsDefault() {
    String help = ApiConfig.help();
    String names =
        "DATABASE_URL JWT_SECRET JWT_ALGORITHM ACCESS_TOKEN_EXPIRE_MINUTES REFRESH_TOKEN_EXPIRE_DAYS"
            + " REFRESH_REUSE_GRACE_SECONDS ENCRYPTION_KEY ACCEPT_UNPADDED_KEY GOOGLE_CLIENT_ID"
            + " GOOGLE_CLIENT_SECRET GOOGLE_ANDROID_CLIENT_ID GOOGLE_IOS_CLIENT_ID GITHUB_CLIENT_ID"
            + " GITHUB_CLIENT_SECRET APPLE_BUNDLE_ID MAGIC_LINK_SECRET RESEND_API_KEY SMTP_HOST"
            + " SMTP_PORT SMTP_USER SMTP_PASSWORD SMTP_FROM SMTP_USE_TLS LIBERTAI_API_KEY"
            + " LIBERTAI_API_BASE_URL FRONTEND_URL API_URL CORS_ORIGINS GUEST_DAILY_MESSAGES"
            + " GUEST_MAX_AGENTS FREE_DAILY_MESSAGES FREE_MAX_AGENTS PRO_DAILY_MESSAGES"
            + " PRO_MAX_AGENTS DEFAULT_MODEL DEV_MODE DATA_DIR MAX_STREAMS_PER_USER"
            + " THROTTLE_MULTIPLIER TRUSTED_PROXIES GOOGLE_JWKS_URL APPLE_JWKS_URL"
            + " GOOGLE_AUTHORIZE_URL GOOGLE_TOKEN_URL GOOGLE_USERINFO_URL GITHUB_AUTHORIZE_URL"
            + " GITHUB_TOKEN_URL GITHUB_API_URL ADMIN_PORT WEB_DIR PROVIDERS PROVIDER_GUEST"
            + " PROVIDER_FREE PROVIDER_PRO AGENT_DIR CREATIONS_PER_USER_PER_DAY CREATIONS_PER_HOUR"
            + " CREATIONS_PER_DAY";
    for (String name : names.split(" ", -1)) {
      assertTrue(help.contains(" LIBERCLAW_" + name + " "), name + " is not in\n" + help);
    }
    assertTrue(help.contains(" PORT ") && help.contains(" HOST "), help);
  }

  @Test
  void providersAreReachedOverHttpsOrOnThisMachine() {
    Map<String, String> env = new HashMap<>();
    env.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    env.put("LIBERCLAW_ENCRYPTION_KEY", "A".repeat(43) + "=");
    for (String good :
        Set.of("https://idp.example/token", "http://127.0.0.1:1/token", "http://[::1]:2")) {
      env.put("LIBERCLAW_GOOGLE_TOKEN_URL", good);
      ApiConfig.fromEnv(env);
    }
    for (String bad :
        Set.of(
            "http://idp.example/token",
            "http://127.0.0.1.example",
            "https://u:p@idp.example",
            "ftp://localhost",
            "token")) {
      env.put("LIBERCLAW_GOOGLE_TOKEN_URL", bad);
      ConfigException refused = assertThrows(ConfigException.class, () -> ApiConfig.fromEnv(env));
      assertTrue(
          String.valueOf(refused.getMessage())
              .contains("LIBERCLAW_GOOGLE_TOKEN_URL must be an https address"),
          bad);
    }
  }

  @Test
  void theSecretOfAProviderIsNeverPrinted() {
    Map<String, String> env = new HashMap<>();
    env.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    env.put("LIBERCLAW_ENCRYPTION_KEY", "A".repeat(43) + "=");
    env.put("LIBERCLAW_GITHUB_CLIENT_ID", "us");
    env.put("LIBERCLAW_GITHUB_CLIENT_SECRET", "do-not-tell");
    assertFalse(ApiConfig.fromEnv(env).oauth().toString().contains("do-not-tell"));
    assertTrue(ApiConfig.secretNames().contains("LIBERCLAW_GITHUB_CLIENT_SECRET"));
  }
}
