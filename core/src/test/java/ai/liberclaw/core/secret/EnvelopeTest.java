package ai.liberclaw.core.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.secret.Envelope.Place;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

final class EnvelopeTest {
  private static final String KEY_A = key('a');
  private static final String KEY_B = key('b');
  private static final Place PLACE =
      new Place("hosts", "ssh_key", UUID.fromString("00000000-0000-4000-8000-000000000001"));

  private static String key(char letter) {
    byte[] bytes = String.valueOf(letter).repeat(32).getBytes(StandardCharsets.US_ASCII);
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  private static Envelope ring(String keys) {
    return FernetKeys.parse(keys, false).envelope();
  }

  @Test
  void readsWhatItSealed() {
    Envelope envelope = ring(KEY_A);
    String text = "-----BEGIN OPENSSH PRIVATE KEY-----\nåß🦀";
    String sealed = envelope.seal(text, PLACE);
    assertEquals(text, envelope.open(sealed, PLACE));
    assertTrue(sealed.matches("v2:[A-Za-z0-9_-]+"), sealed);
    assertNotEquals(sealed, envelope.seal(text, PLACE));
  }

  @Test
  void holdsExactlyWhatTheFormatSays() throws Exception {
    // HKDF by its definition (RFC 5869), an empty salt being 32 zero bytes.
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
    byte[] extracted = mac.doFinal("a".repeat(32).getBytes(StandardCharsets.US_ASCII));
    mac.init(new SecretKeySpec(extracted, "HmacSHA256"));
    byte[] derived = mac.doFinal("liberclaw-v2\u0001".getBytes(StandardCharsets.US_ASCII));

    byte[] all = Base64.getUrlDecoder().decode(ring(KEY_A).seal("secret", PLACE).substring(3));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(derived);
    for (int i = 0; i < 4; i++) {
      assertEquals(hash[i], all[i]);
    }
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(derived, "AES"),
        new GCMParameterSpec(128, all, 4, 12));
    cipher.updateAAD(
        "hosts/ssh_key/00000000-0000-4000-8000-000000000001".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        "secret", new String(cipher.doFinal(all, 16, all.length - 16), StandardCharsets.UTF_8));
  }

  @Test
  void readsUnderEveryKeyOfTheRingAndSealsUnderTheFirst() {
    String old = ring(KEY_A).seal("secret", PLACE);
    Envelope both = ring(KEY_B + "," + KEY_A);
    assertEquals("secret", both.open(old, PLACE));
    assertFalse(both.current(old));
    String fresh = both.seal("secret", PLACE);
    assertTrue(both.current(fresh));
    assertThrows(InvalidTokenException.class, () -> ring(KEY_A).open(fresh, PLACE));
  }

  @Test
  void refusesAnotherPlaceAndEveryDamage() {
    Envelope envelope = ring(KEY_A);
    String sealed = envelope.seal("secret12", PLACE);
    assertThrows(
        InvalidTokenException.class,
        () -> envelope.open(sealed, new Place("hosts", "ssh_key", UUID.randomUUID())));
    assertThrows(
        InvalidTokenException.class,
        () -> envelope.open(sealed, new Place("instances", "ssh_key", PLACE.row())));
    for (int i = 0; i < sealed.length(); i++) {
      char other = sealed.charAt(i) == 'A' ? 'B' : 'A';
      String damaged = sealed.substring(0, i) + other + sealed.substring(i + 1);
      assertThrows(InvalidTokenException.class, () -> envelope.open(damaged, PLACE), damaged);
    }
    for (String text : new String[] {"", "v2:", "v2:AAAA", "secret", "v1:" + sealed.substring(3)}) {
      assertThrows(InvalidTokenException.class, () -> envelope.open(text, PLACE));
    }
  }
}
