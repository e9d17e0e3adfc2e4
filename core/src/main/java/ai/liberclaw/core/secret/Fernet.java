package ai.liberclaw.core.secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts and reads tokens of the <a href="https://github.com/fernet/spec">Fernet</a> format under
 * one key. Age is never a reason to refuse a token.
 */
public final class Fernet {
  private static final byte VERSION = (byte) 0x80;
  private static final int KEY_BYTES = 32;
  private static final int BLOCK_BYTES = 16;
  private static final int HEADER_BYTES = 1 + Long.BYTES + BLOCK_BYTES;
  private static final int MAC_BYTES = 32;
  private static final int UNPADDED_KEY_LENGTH = 43;
  private static final String KEY_COMMAND = "openssl rand -base64 32 | tr '+/' '-_'";

  private final SecretKeySpec signing;
  private final SecretKeySpec encryption;
  private final SecureRandom random = new SecureRandom();
  private final byte[] key;

  private Fernet(byte[] key) {
    this.key = key.clone();
    this.signing = new SecretKeySpec(key, 0, KEY_BYTES / 2, "HmacSHA256");
    this.encryption = new SecretKeySpec(key, KEY_BYTES / 2, KEY_BYTES / 2, "AES");
  }

  /**
   * @param key 32 bytes in base64 with padding (44 characters)
   * @param acceptUnpadded also takes the 43 characters that other key generators print
   * @throws IllegalArgumentException with a message that tells how to make a key and holds none
   */
  public static Fernet of(String key, boolean acceptUnpadded) {
    boolean unpadded = key.length() == UNPADDED_KEY_LENGTH && !key.endsWith("=");
    if (unpadded && !acceptUnpadded) {
      throw new IllegalArgumentException(
          "the key has 43 characters: its '=' padding is missing; make a key with: " + KEY_COMMAND);
    }
    byte[] bytes;
    try {
      // The standard alphabet is read too: the reference library takes such keys.
      bytes = decode((unpadded ? key + "=" : key).replace('+', '-').replace('/', '_'));
    } catch (IllegalArgumentException e) {
      throw badKey();
    }
    if (bytes.length != KEY_BYTES) {
      throw badKey();
    }
    return new Fernet(bytes);
  }

  public String encrypt(String plaintext) {
    byte[] iv = new byte[BLOCK_BYTES];
    random.nextBytes(iv);
    return encrypt(plaintext.getBytes(StandardCharsets.UTF_8), Instant.now(), iv);
  }

  String encrypt(byte[] plaintext, Instant time, byte[] iv) {
    try {
      byte[] ciphertext = cipher(Cipher.ENCRYPT_MODE, iv).doFinal(plaintext);
      ByteBuffer signed =
          ByteBuffer.allocate(HEADER_BYTES + ciphertext.length)
              .put(VERSION)
              .putLong(time.getEpochSecond())
              .put(iv)
              .put(ciphertext);
      byte[] token = Arrays.copyOf(signed.array(), signed.capacity() + MAC_BYTES);
      System.arraycopy(mac(signed.array()), 0, token, signed.capacity(), MAC_BYTES);
      return Base64.getUrlEncoder().encodeToString(token);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks AES or HMAC-SHA256", e);
    }
  }

  /**
   * @throws InvalidTokenException whatever is wrong: callers can't tell a wrong key from a damaged
   *     token
   */
  public String decrypt(String token) {
    return new String(decryptBytes(token), StandardCharsets.UTF_8);
  }

  byte[] decryptBytes(String token) {
    byte[] bytes;
    try {
      bytes = decode(token.strip());
    } catch (IllegalArgumentException e) {
      throw new InvalidTokenException();
    }
    if (bytes.length < HEADER_BYTES + MAC_BYTES) {
      throw new InvalidTokenException();
    }
    int signedLength = bytes.length - MAC_BYTES;
    byte[] signed = Arrays.copyOf(bytes, signedLength);
    byte[] signature = Arrays.copyOfRange(bytes, signedLength, bytes.length);
    try {
      if (!MessageDigest.isEqual(mac(signed), signature)
          || signed[0] != VERSION
          || signedLength == HEADER_BYTES) {
        throw new InvalidTokenException();
      }
      byte[] iv = Arrays.copyOfRange(signed, HEADER_BYTES - BLOCK_BYTES, HEADER_BYTES);
      return cipher(Cipher.DECRYPT_MODE, iv)
          .doFinal(signed, HEADER_BYTES, signedLength - HEADER_BYTES);
    } catch (GeneralSecurityException e) {
      throw new InvalidTokenException();
    }
  }

  byte[] key() {
    return key.clone();
  }

  /** Strict: Java's own decoder would also take a text without its padding. */
  private static byte[] decode(String text) {
    if (text.length() % 4 != 0) {
      throw new IllegalArgumentException("padding is missing");
    }
    return Base64.getUrlDecoder().decode(text);
  }

  private Cipher cipher(int mode, byte[] iv) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
    cipher.init(mode, encryption, new IvParameterSpec(iv));
    return cipher;
  }

  private byte[] mac(byte[] signed) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(signing);
    return mac.doFinal(signed);
  }

  private static IllegalArgumentException badKey() {
    return new IllegalArgumentException(
        "not a Fernet key (32 bytes in URL-safe base64, 44 characters); make one with: "
            + KEY_COMMAND);
  }
}
