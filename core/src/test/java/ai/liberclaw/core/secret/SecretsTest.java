package ai.liberclaw.core.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SecretsTest {
  @Test
  void aTokenIsUrlSafeAndNeverTheSame() {
    String token = Secrets.token(32);
    assertTrue(token.matches("[A-Za-z0-9_-]{43}"), token);
    assertNotEquals(token, Secrets.token(32));
  }

  @Test
  void theDigestIsThatOfTheUtf8Text() {
    // FIPS 180-2, the one-block example.
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        Secrets.sha256Hex("abc"));
    assertNotEquals(Secrets.sha256Hex("é"), Secrets.sha256Hex("e"));
  }

  @Test
  void comparingTellsEqualFromDifferent() {
    assertTrue(Secrets.constantTimeEquals("same", "sam" + "e"));
    assertFalse(Secrets.constantTimeEquals("same", "sama"));
    assertFalse(Secrets.constantTimeEquals("same", "same "));
  }
}
