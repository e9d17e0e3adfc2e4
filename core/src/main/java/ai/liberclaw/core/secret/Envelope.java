package ai.liberclaw.core.secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts columns that only this product knows, and binds each value to its row: moved elsewhere
 * it is not read. {@code v2:} and base64url without padding of {@code key id[4] ‖ nonce[12] ‖
 * ciphertext ‖ tag[16]}, AES-256-GCM, under keys made from those of the {@link FernetKeys} ring.
 */
public final class Envelope {
  private static final String PREFIX = "v2:";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final String PURPOSE = "liberclaw-v2";
  private static final int ID_BYTES = 4;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final List<Key> keys;
  private final SecureRandom random = new SecureRandom();

  /** Its id is the first four bytes of its hash, as a number. */
  private record Key(SecretKey secret, int id) {}

  /**
   * Where a value is kept.
   *
   * @param table its name in the database
   */
  public record Place(String table, String column, UUID row) {
    byte[] bytes() {
      return (table + "/" + column + "/" + row).getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The first key of the ring encrypts, all of them decrypt. */
  Envelope(List<byte[]> ring) {
    this.keys = ring.stream().map(Envelope::derived).toList();
  }

  /** Encrypts a text under the current key. */
  public String seal(String plaintext, Place place) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    return seal(plaintext.getBytes(StandardCharsets.UTF_8), place, nonce);
  }

  String seal(byte[] plaintext, Place place, byte[] nonce) {
    Key key = keys.getFirst();
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce, place).doFinal(plaintext);
      byte[] all =
          ByteBuffer.allocate(ID_BYTES + NONCE_BYTES + sealed.length)
              .putInt(key.id())
              .put(nonce)
              .put(sealed)
              .array();
      return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks AES-GCM", e);
    }
  }

  /**
   * @throws InvalidTokenException whatever is wrong: key, place, or a damaged text
   */
  public String open(String sealed, Place place) {
    byte[] all = bytes(sealed);
    for (Key key : keys) {
      if (key.id() == ByteBuffer.wrap(all).getInt()) {
        byte[] nonce = Arrays.copyOfRange(all, ID_BYTES, ID_BYTES + NONCE_BYTES);
        try {
          byte[] plaintext =
              cipher(Cipher.DECRYPT_MODE, key, nonce, place)
                  .doFinal(all, ID_BYTES + NONCE_BYTES, all.length - ID_BYTES - NONCE_BYTES);
          return new String(plaintext, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException _) {
          throw new InvalidTokenException();
        }
      }
    }
    throw new InvalidTokenException();
  }

  /** Whether the current key sealed it; one that an older key sealed should be sealed anew. */
  public boolean current(String sealed) {
    return keys.getFirst().id() == ByteBuffer.wrap(bytes(sealed)).getInt();
  }

  private static byte[] bytes(String sealed) {
    if (!sealed.startsWith(PREFIX)) {
      throw new InvalidTokenException();
    }
    try {
      String text = sealed.substring(PREFIX.length());
      byte[] all = Base64.getUrlDecoder().decode(text);
      // The decoder passes over bits that the last character has too many.
      boolean exact = Base64.getUrlEncoder().withoutPadding().encodeToString(all).equals(text);
      if (!exact || all.length < ID_BYTES + NONCE_BYTES + TAG_BITS / Byte.SIZE) {
        throw new InvalidTokenException();
      }
      return all;
    } catch (IllegalArgumentException _) {
      throw new InvalidTokenException();
    }
  }

  private static Cipher cipher(int mode, Key key, byte[] nonce, Place place)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key.secret(), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(place.bytes());
    return cipher;
  }

  private static Key derived(byte[] key) {
    byte[] derived = KeyDerivation.derive(key, PURPOSE);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(derived);
      return new Key(new SecretKeySpec(derived, "AES"), ByteBuffer.wrap(hash).getInt());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks SHA-256", e);
    }
  }
}
