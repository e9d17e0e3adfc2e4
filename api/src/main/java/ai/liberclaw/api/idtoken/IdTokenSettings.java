package ai.liberclaw.api.idtoken;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.config.SecureUrl;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whose ID tokens are taken, and where the keys to check them are.
 *
 * @param googleAudiences client ids of ours at Google; empty turns sign-in by Google tokens off
 * @param appleAudience the app's bundle id
 */
public record IdTokenSettings(
    Set<String> googleAudiences, URI googleKeys, String appleAudience, URI appleKeys) {
  private static final String P = "LIBERCLAW_";

  public IdTokenSettings {
    googleAudiences = Set.copyOf(googleAudiences);
  }

  /** Reads the six variables. */
  public static IdTokenSettings read(EnvReader env) {
    Optional<String> web =
        env.optional(P + "GOOGLE_CLIENT_ID", "web client; without it no sign-in by Google");
    Optional<String> android =
        env.optional(P + "GOOGLE_ANDROID_CLIENT_ID", "client of the Android app");
    Optional<String> ios = env.optional(P + "GOOGLE_IOS_CLIENT_ID", "client of the iOS app");
    Set<String> audiences =
        web.isEmpty()
            ? Set.of()
            : Stream.of(web, android, ios)
                .flatMap(Optional::stream)
                .map(String::strip)
                .collect(Collectors.toSet());
    String bundle =
        env.text(P + "APPLE_BUNDLE_ID", "io.libertai.liberclaw", "whom Apple's tokens are for");
    return new IdTokenSettings(
        audiences,
        keys(env, P + "GOOGLE_JWKS_URL", "https://www.googleapis.com/oauth2/v3/certs", "Google"),
        bundle.strip(),
        keys(env, P + "APPLE_JWKS_URL", "https://appleid.apple.com/auth/keys", "Apple"));
  }

  private static URI keys(EnvReader env, String name, String defaultValue, String provider) {
    return SecureUrl.read(env, name, defaultValue, "keys of " + provider + "'s ID tokens");
  }
}
