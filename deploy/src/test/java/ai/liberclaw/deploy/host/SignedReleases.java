package ai.liberclaw.deploy.host;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.ReleaseKeys;
import ai.liberclaw.deploy.release.ReleaseSettings;
import ai.liberclaw.deploy.release.Releases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Releases of {@link PerlRelease}, signed by a key of their own and imported. */
public final class SignedReleases {
  private static final int RAW_KEY_BYTES = 32;

  private final Path directory;
  private final KeyPair signer;
  private final Releases releases;

  public SignedReleases(PlatformDatabase database, Path directory) throws GeneralSecurityException {
    this.directory = directory;
    this.signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = signer.getPublic().getEncoded();
    byte[] raw = Arrays.copyOfRange(encoded, encoded.length - RAW_KEY_BYTES, encoded.length);
    this.releases =
        new Releases(
            database,
            new ReleaseSettings(
                directory.resolve("store"),
                Optional.empty(),
                false,
                new ReleaseKeys(List.of(Base64.getEncoder().encodeToString(raw)))));
  }

  public Releases releases() {
    return releases;
  }

  /** The release of this version, made if there is none, which new agents get from now on. */
  public Release make(String version) {
    try {
      Path folder = directory.resolve("bundle-" + version);
      if (!Files.exists(folder)) {
        PerlRelease.bundle(folder, version, signer.getPrivate());
      }
      Release release = releases.add(folder);
      if (!releases.makeCurrent(release.id())) {
        throw new IllegalStateException("the release is not there");
      }
      return release;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
