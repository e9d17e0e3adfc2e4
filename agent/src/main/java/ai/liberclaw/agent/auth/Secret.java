package ai.liberclaw.agent.auth;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The agent's secret, of which only the SHA-256 is kept. */
public final class Secret {
  private static final int DIGEST_BYTES = 32;

  private final byte[] digest;

  private Secret(byte[] digest) {
    this.digest = digest.clone();
  }

  public static Secret of(String secret) {
    return new Secret(sha256(secret, StandardCharsets.UTF_8));
  }

  /**
   * @param hex the SHA-256 of the secret's UTF-8 bytes, 64 lower-case hexadecimal digits
   * @throws IllegalArgumentException when it is not that
   */
  public static Secret ofHash(String hex) {
    byte[] digest = HexFormat.of().parseHex(hex);
    if (digest.length != DIGEST_BYTES) {
      throw new IllegalArgumentException("not a SHA-256");
    }
    return new Secret(digest);
  }

  /**
   * Compares in constant time, whatever characters there are. A header is bytes: those of a secret
   * that is not ASCII arrive as UTF-8 or Latin-1.
   */
  public boolean matches(String presented) {
    boolean utf8 = MessageDigest.isEqual(digest, sha256(presented, StandardCharsets.UTF_8));
    boolean latin1 = MessageDigest.isEqual(digest, sha256(presented, StandardCharsets.ISO_8859_1));
    return utf8 || latin1;
  }

  /**
   * The HMAC-SHA256 of a text in lower-case hexadecimal digits, keyed with the digits of the
   * secret's SHA-256.
   */
  public String sign(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      byte[] key = HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
      mac.init(new SecretKeySpec(key, mac.getAlgorithm()));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks HMAC-SHA256", e);
    }
  }

  private static byte[] sha256(String text, Charset charset) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(charset));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java lacks SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "Secret[]";
  }
}
