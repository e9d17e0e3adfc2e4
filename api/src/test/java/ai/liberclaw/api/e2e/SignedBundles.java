package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.bundle.Packing;
import ai.liberclaw.deploy.release.Bundle;
import ai.liberclaw.deploy.release.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** The bundle that {@code make bundle} left, as releases that a key of this test has signed. */
final class SignedBundles {
  private static final Path BUILT = Path.of("target", "bundle");
  private static final int RAW_KEY_BYTES = 32;

  private final Path folder;
  private final KeyPair signer;

  SignedBundles(Path folder) throws GeneralSecurityException {
    this.folder = folder;
    this.signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  /** For {@code LIBERCLAW_RELEASE_PUBLIC_KEYS}. */
  String publicKey() {
    byte[] encoded = signer.getPublic().getEncoded();
    return Base64.getEncoder()
        .encodeToString(
            Arrays.copyOfRange(encoded, encoded.length - RAW_KEY_BYTES, encoded.length));
  }

  /** The built agent under this version, which gives it an id of its own. */
  Path built(String version) throws IOException, GeneralSecurityException {
    assertTrue(Files.isDirectory(BUILT), "there is no bundle: make bundle");
    Manifest manifest = Bundle.open(BUILT).manifest();
    Path made = Files.createDirectories(folder.resolve(version));
    try (var files = Files.list(BUILT)) {
      for (Path archive : files.filter(f -> f.toString().endsWith(".tar.zst")).toList()) {
        Files.createSymbolicLink(
            made.resolve("agent.tar.zst"), archive.toAbsolutePath().normalize());
      }
    }
    return signed(made, Manifest.of(version, manifest.platform(), manifest.files()));
  }

  /** One whose agent ends as soon as it is started. */
  Path broken(String version) throws IOException, GeneralSecurityException {
    Path tree = folder.resolve(version + "-tree");
    Path launcher = tree.resolve("bin/liberclaw-agent");
    Files.createDirectories(launcher.getParent());
    Files.writeString(launcher, "#!/bin/sh\necho 'this release does not start' >&2\nexit 1\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<Manifest.Entry> files = Packing.describe(tree);
    Path made = Files.createDirectories(folder.resolve(version));
    Packing.pack(tree, files, made.resolve("agent.tar.zst"), 1);
    return signed(made, Manifest.of(version, Bundle.open(BUILT).manifest().platform(), files));
  }

  private Path signed(Path made, Manifest manifest) throws IOException, GeneralSecurityException {
    byte[] text = manifest.text().getBytes(StandardCharsets.UTF_8);
    Files.write(made.resolve(Bundle.MANIFEST), text);
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(signer.getPrivate());
    signature.update(text);
    Files.write(made.resolve(Bundle.SIGNATURE), signature.sign());
    return made;
  }
}
