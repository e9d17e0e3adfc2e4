package ai.liberclaw.deploy.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The Ed25519 public keys whose bundles are accepted, each base64 of its 32 bytes. */
public record ReleaseKeys(List<String> trusted) {
  /** Bytes of a signature. */
  static final int SIGNATURE_BYTES = 64;

  private static final int KEY_BYTES = 32;

  /** What a raw key becomes a SubjectPublicKeyInfo by (RFC 8410). */
  private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  public ReleaseKeys {
    trusted = List.copyOf(trusted);
    trusted.forEach(ReleaseKeys::key);
  }

  /**
   * The same and the key of this file, if it is there: the one a developer's bundles are signed by.
   */
  public ReleaseKeys withDevelopmentKey(Path file) {
    try {
      String key = Files.readString(file, StandardCharsets.US_ASCII).strip();
      return new ReleaseKeys(
          java.util.stream.Stream.concat(trusted.stream(), java.util.stream.Stream.of(key))
              .toList());
    } catch (IOException | IllegalArgumentException _) {
      return this;
    }
  }

  /** The key that the signature of the content fits. */
  Optional<String> signer(byte[] content, byte[] signature) {
    if (signature.length != SIGNATURE_BYTES) {
      return Optional.empty();
    }
    return trusted.stream().filter(key -> fits(key(key), content, signature)).findFirst();
  }

  private static boolean fits(PublicKey key, byte[] content, byte[] signature) {
    try {
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(content);
      return check.verify(signature);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static PublicKey key(String base64) {
    byte[] raw = Base64.getDecoder().decode(base64);
    if (raw.length != KEY_BYTES) {
      throw new IllegalArgumentException("must hold Ed25519 public keys, each base64 of 32 bytes");
    }
    byte[] encoded = java.util.Arrays.copyOf(PREFIX, PREFIX.length + KEY_BYTES);
    System.arraycopy(raw, 0, encoded, PREFIX.length, KEY_BYTES);
    try {
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("must hold Ed25519 public keys", e);
    }
  }
}
