package ai.liberclaw.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** People's addresses leave a line, everything else stays. */
class EmailMaskTest {
  @Test
  void addressesAreTakenOut() {
    assertEquals(
        "no user (e-mail), nor <(e-mail)>: 550",
        EmailMask.of("no user ada.l+x@mail.example.com, nor <Bob@example.org>: 550"));
    assertEquals("path=/who/(e-mail) x", EmailMask.of("path=/who/ada%40example.com x"));
    assertEquals("(e-mail)", EmailMask.of("grüße@bücher.example"));
  }

  @Test
  void whatOnlyLooksLikeOneStays() {
    for (String line :
        new String[] {
          "a@b", "ai.liberclaw.Foo@1a2b3c", "java.base@25.0.3/java.lang.Thread", "@example.com", ""
        }) {
      assertEquals(line, EmailMask.of(line));
    }
  }

  @Test
  void aLongLineTakesNoLongTime() {
    String line = "a".repeat(100_000) + "@" + "b.".repeat(50_000);
    assertTimeoutPreemptively(Duration.ofSeconds(30), () -> EmailMask.of(line));
  }
}
