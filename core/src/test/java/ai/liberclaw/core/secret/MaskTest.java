package ai.liberclaw.core.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class MaskTest {
  private static final String SECRET = "p\"ss wörd/+%&=";

  private final Mask mask = new Mask();

  @Test
  void everyOccurrenceIsReplaced() {
    mask.register("sk-12345678");
    assertEquals("a [redacted] b [redacted]", mask.mask("a sk-12345678 b sk-12345678"));
  }

  @Test
  void aTextWithoutSecretsIsTheSameObject() {
    mask.register("sk-12345678");
    String text = "nothing to see";
    assertSame(text, mask.mask(text));
  }

  @Test
  void shortValuesAreNotMasked() {
    mask.register("1234567");
    assertEquals("1234567", mask.mask("1234567"));
    mask.register("");
    assertEquals("x", mask.mask("x"));
  }

  @Test
  void overlappingSecretsLeaveNothing() {
    mask.register("abcdefgh");
    mask.register("efghijkl");
    mask.register("abcdefghijklmnop");
    assertEquals("<[redacted]>", mask.mask("<abcdefghijkl>"));
    assertEquals("<[redacted]>", mask.mask("<abcdefghijklmnop>"));
  }

  @Test
  void jsonSpellingsAreMasked() {
    mask.register(SECRET);
    for (String json :
        new String[] {
          Json.write(Json.object().put("v", SECRET)),
          Json.writeAscii(Json.object().put("v", SECRET))
        }) {
      assertEquals("{\"v\":\"[redacted]\"}", mask.mask(json));
    }
  }

  @Test
  void urlSpellingsAreMasked() {
    mask.register(SECRET);
    String form = URLEncoder.encode(SECRET, StandardCharsets.UTF_8);
    assertEquals("q=[redacted]&", mask.mask("q=" + form + "&"));
    assertEquals("q=[redacted]&", mask.mask("q=" + form.replace("+", "%20") + "&"));
    assertEquals(
        "q=[redacted]&",
        mask.mask(
            "q="
                + form.replace("%C3%B6", "%c3%b6")
                    .replace("%2F", "%2f")
                    .replace("%2B", "%2b")
                    .replace("%3D", "%3d")
                + "&"));
  }

  @Test
  void base64HidesASecretAtNoOffset() {
    String secret = "correct horse battery";
    mask.register(secret);
    for (String before : new String[] {"", "u", "us", "usr", "user:"}) {
      byte[] bytes = (before + secret + "tail").getBytes(StandardCharsets.UTF_8);
      String masked = mask.mask(Base64.getEncoder().encodeToString(bytes));
      assertTrue(masked.contains(Mask.REDACTED), before);
      assertTrue(masked.length() < Mask.REDACTED.length() + 24, masked);
    }
  }

  @Test
  void aLongTextWithManySecretsTakesNoTime() {
    for (int i = 0; i < 50; i++) {
      mask.register("sk-secret-value-" + i + "-0123456789abcdef");
    }
    String text = "sk-secret-value- ordinary words ".repeat(1000);
    long start = System.nanoTime();
    assertSame(text, mask.mask(text));
    assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 2000);
  }

  @Test
  void aTextInPiecesIsMaskedAsTheWhole() {
    mask.register("sk-12345678");
    mask.register("45678-abcdef");
    String text = "ss sk-12345678sk-12345678-abcdef sk-1234567 and s sk-12345678 sk-123";
    String whole = mask.mask(text);
    for (int size = 1; size <= text.length(); size++) {
      MaskedText pieces = mask.begin();
      StringBuilder shown = new StringBuilder();
      for (int at = 0; at < text.length(); at += size) {
        shown.append(pieces.next(text.substring(at, Math.min(text.length(), at + size))));
        assertTrue(whole.startsWith(shown.toString()), shown.toString());
      }
      assertEquals(whole.substring(0, whole.length() - "sk-123".length()), shown.toString());
    }
  }

  @Test
  void onlyWhatMayBecomeASecretIsHeldBack() {
    mask.register("sk-12345678");
    MaskedText pieces = mask.begin();
    assertEquals("a", pieces.next("a"));
    assertEquals("", pieces.next("sk-1"));
    assertEquals("sk-1 is no key", pieces.next(" is no key"));
  }
}
