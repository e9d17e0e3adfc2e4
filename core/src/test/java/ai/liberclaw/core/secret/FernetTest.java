package ai.liberclaw.core.secret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The vectors were made with the reference library, whose verdicts they carry. */
class FernetTest {
  private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final String OTHER_KEY = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
  private static final String UNPADDED_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

  @TestFactory
  Stream<DynamicTest> readsAndWritesTheTokensOfTheReference() {
    return vectors(
        "valid",
        vector -> {
          Fernet fernet = Fernet.of(vector.get("key").asText(), false);
          String token = vector.get("token").asText();
          byte[] plaintext = HexFormat.of().parseHex(vector.get("plaintext_utf8_hex").asText());
          assertEquals(vector.get("plaintext").asText(), fernet.decrypt(token));
          assertArrayEquals(plaintext, fernet.decryptBytes(token));
          assertTrue(vector.get("deterministic").asBoolean());
          assertEquals(
              token,
              fernet.encrypt(
                  plaintext,
                  Instant.ofEpochSecond(vector.get("timestamp").asLong()),
                  HexFormat.of().parseHex(vector.get("iv_hex").asText())));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatTheReferenceRefuses() {
    return vectors("invalid", FernetTest::assertRefused);
  }

  @TestFactory
  Stream<DynamicTest> isStricterThanTheReference() {
    return vectors(
        "lenient_inputs",
        vector -> {
          if (vector.get("required").asText().startsWith("accept")) {
            assertEquals(
                "super-secret-token",
                Fernet.of(vector.get("key").asText(), false).decrypt(vector.get("token").asText()));
          } else {
            assertRefused(vector);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> takesTheKeysOfTheReference() {
    return vectors(
        "keys",
        vector -> {
          String key = vector.get("key").asText();
          if (vector.get("reference_result").asText().equals("ok")) {
            Fernet.of(key, false);
          } else {
            IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Fernet.of(key, false));
            String message = String.valueOf(e.getMessage());
            assertTrue(message.contains("openssl rand -base64 32"), message);
            assertTrue(key.isEmpty() || !message.contains(key), message);
          }
        });
  }

  @Test
  void anUnpaddedKeyNeedsTheSwitch() {
    String token = Fernet.of(KEY, false).encrypt("moved");
    assertEquals("moved", Fernet.of(UNPADDED_KEY, true).decrypt(token));
    assertThrows(IllegalArgumentException.class, () -> Fernet.of("short", true));
  }

  @Test
  void eachTokenHasItsOwnIv() {
    Fernet fernet = Fernet.of(KEY, false);
    assertNotEquals(fernet.encrypt("same"), fernet.encrypt("same"));
  }

  @Test
  void theFirstKeyOfTheRingEncryptsAndAllDecrypt() {
    String old = FernetKeys.parse(OTHER_KEY, false).encrypt("old");
    FernetKeys ring = FernetKeys.parse(KEY + ", " + OTHER_KEY, false);
    assertEquals("old", ring.decrypt(old));
    assertEquals("new", FernetKeys.parse(KEY, false).decrypt(ring.encrypt("new")));
    assertThrows(InvalidTokenException.class, () -> FernetKeys.parse(KEY, false).decrypt(old));
  }

  @Test
  void aBadKeyOfTheRingIsNamedByItsPlace() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> FernetKeys.parse(KEY + "," + UNPADDED_KEY, false));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("key 2 of 2: "), message);
    assertTrue(!message.contains(UNPADDED_KEY), message);
  }

  private static void assertRefused(JsonNode vector) {
    Fernet fernet = Fernet.of(vector.get("key").asText(), false);
    InvalidTokenException e =
        assertThrows(
            InvalidTokenException.class, () -> fernet.decrypt(vector.get("token").asText()));
    assertEquals("invalid token", e.getMessage());
    assertEquals(null, e.getCause());
  }

  private static Stream<DynamicTest> vectors(String group, Consumer<JsonNode> check) {
    try (InputStream in =
        Objects.requireNonNull(FernetTest.class.getResourceAsStream("fernet.json"))) {
      return Json.parse(in.readAllBytes())
          .get(group)
          .valueStream()
          .map(vector -> dynamicTest(vector.get("name").asText(), () -> check.accept(vector)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
