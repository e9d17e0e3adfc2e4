package ai.liberclaw.deploy.release;

import ai.liberclaw.core.config.EnvReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where bundles come from and whose are accepted.
 *
 * @param store where this server keeps those it has checked
 * @param shipped folder with the bundle that comes with this server: the three files of {@code make
 *     bundle}
 * @param shippedNamed whether the operator named it: then a bundle must be there
 * @param keys whose bundles are accepted
 */
public record ReleaseSettings(
    Path store, Optional<Path> shipped, boolean shippedNamed, ReleaseKeys keys) {
  /**
   * In the data directory: public half of the key that {@code make bundle} signs with by itself.
   */
  public static final String DEVELOPMENT_KEY = "release-dev-key.pub";

  /** Reads the variables; problems are noted in the reader, whose owner ends the reading. */
  public static ReleaseSettings read(EnvReader env, Path dataDir, boolean devMode) {
    Optional<Path> named =
        env.optional(
                "LIBERCLAW_RELEASE_DIR",
                "folder with the agent's bundle: archive, manifest.json, manifest.sig (default:"
                    + " bundle/ beside the jar)")
            .map(Path::of);
    List<String> trusted =
        env.list(
            "LIBERCLAW_RELEASE_PUBLIC_KEYS",
            List.of(),
            "whose bundles are accepted: Ed25519 public keys, base64 of 32 bytes each");
    ReleaseKeys keys = new ReleaseKeys(List.of());
    try {
      keys = new ReleaseKeys(trusted);
    } catch (IllegalArgumentException _) {
      env.problem(
          "LIBERCLAW_RELEASE_PUBLIC_KEYS",
          "must hold Ed25519 public keys, each base64 of 32 bytes");
    }
    if (devMode) {
      keys = keys.withDevelopmentKey(dataDir.resolve(DEVELOPMENT_KEY));
    }
    return new ReleaseSettings(
        dataDir.resolve("releases"), named.or(ReleaseSettings::beside), named.isPresent(), keys);
  }

  private static Optional<Path> beside() {
    return Beside.find("bundle");
  }
}
