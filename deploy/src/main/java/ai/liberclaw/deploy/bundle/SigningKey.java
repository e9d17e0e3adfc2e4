package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.BundleException;
import ai.liberclaw.deploy.release.ReleaseSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;

/** The Ed25519 key that signs a manifest: PKCS#8 in PEM, as {@code openssl genpkey} writes it. */
public final class SigningKey {
  private static final String ALGORITHM = "Ed25519";
  private static final String DEVELOPMENT_KEY = "release-dev-key.pem";
  private static final int RAW_KEY_BYTES = 32;
  private static final int KEY_FILE_BYTES_MAX = 16 * 1024;

  private final PrivateKey key;

  private SigningKey(PrivateKey key) {
    this.key = key;
  }

  /** Reads a PEM file. */
  public static SigningKey read(Path file) throws IOException {
    if (Files.size(file) > KEY_FILE_BYTES_MAX) {
      throw new BundleException("The signing key's file is too long to be one");
    }
    String base64 =
        Files.readString(file, StandardCharsets.US_ASCII)
            .replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "");
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(base64);
      return new SigningKey(
          KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      // Not the cause: it may quote the key.
      throw new BundleException("The signing key must be an Ed25519 key, PKCS#8 in PEM");
    }
  }

  /**
   * The key of this data directory, made when there is none, its public half beside it. Servers
   * accept it in development mode only.
   */
  public static SigningKey development(Path dataDir) throws IOException {
    Path file = dataDir.resolve(DEVELOPMENT_KEY);
    if (!Files.exists(file)) {
      Files.createDirectories(dataDir);
      KeyPair pair = generate();
      byte[] encoded = pair.getPublic().getEncoded();
      byte[] raw = Arrays.copyOfRange(encoded, encoded.length - RAW_KEY_BYTES, encoded.length);
      Files.writeString(
          dataDir.resolve(ReleaseSettings.DEVELOPMENT_KEY),
          Base64.getEncoder().encodeToString(raw) + "\n");
      String pem =
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder(64, new byte[] {'\n'})
                  .encodeToString(pair.getPrivate().getEncoded())
              + "\n-----END PRIVATE KEY-----\n";
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, pem);
    }
    return read(file);
  }

  /** 64 bytes. */
  public byte[] sign(byte[] content) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair generate() {
    try {
      return KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
