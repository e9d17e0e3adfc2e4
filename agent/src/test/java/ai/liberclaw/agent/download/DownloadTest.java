package ai.liberclaw.agent.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.agent.auth.Secret;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DownloadTest {
  private static final Secret SECRET = Secret.of(TestAgent.SECRET);

  @TempDir Path folder;

  @Test
  void aLinkServesItsFileToAnybodyAndNothingElse() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      Files.writeString(agent.workspace().resolve("a: b.txt"), "0123456789");
      String token = token(agent, "a: b.txt");
      try (RawResponse whole = get(agent, "/dl/" + token, Map.of())) {
        assertEquals(200, whole.status());
        assertEquals("0123456789", whole.text());
        assertTrue(whole.header("Content-Disposition").orElseThrow().startsWith("attachment"));
        assertTrue(whole.header("Content-Security-Policy").orElseThrow().startsWith("sandbox"));
      }
      try (RawResponse part = get(agent, "/dl/" + token, Map.of("Range", "bytes=2-3"))) {
        assertEquals(206, part.status());
        assertEquals("23", part.text());
      }
      try (RawResponse below = get(agent, "/dl/" + token + "/x", Map.of())) {
        assertEquals(404, below.status());
      }
      Files.delete(agent.workspace().resolve("a: b.txt"));
      try (RawResponse gone = get(agent, "/dl/" + token, Map.of())) {
        assertEquals(403, gone.status());
      }
    }
  }

  @Test
  void aLinkToWhatCannotBeHadIsNotMade() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      for (String path : List.of("../data/agent.db", "no-such-file", "memory", ".env")) {
        String body = Json.write(Json.object().put("path", path));
        try (RawResponse refused = agent.request("POST", "/files/token", body)) {
          assertEquals(403, refused.status(), path);
        }
      }
      try (RawResponse incomplete = agent.request("POST", "/files/token", "{}")) {
        assertEquals(422, incomplete.status());
      }
      try (RawResponse unauthorized =
          RawResponse.send(agent.port(), "POST", "/files/token", Map.of(), "{}")) {
        assertEquals(401, unauthorized.status());
      }
    }
  }

  @Test
  void aTokenThatIsNotWhatWasIssuedIsRefusedByItsFault() {
    long now = 1_000_000;
    String good = new DownloadToken("a.txt", now + 1).sign(SECRET);
    assertEquals("a.txt", DownloadToken.verify(good, SECRET, now).path());
    assertEquals(410, status(good, SECRET, now + 1));
    assertEquals(403, status(good, Secret.of("another"), now));
    String text = new String(Base64.getUrlDecoder().decode(good), StandardCharsets.UTF_8);
    assertEquals(403, status(encoded(text.replace("a.txt", "b.txt")), SECRET, now));
    assertEquals(403, status(encoded(text.replace(":1000001:", ":2000001:")), SECRET, now));
    for (String bad : List.of("", "%", "x", encoded("a.txt"), encoded("a:b:c"), encoded("\0"))) {
      assertEquals(400, status(bad, SECRET, now), bad);
    }
  }

  private static int status(String token, Secret secret, long now) {
    return assertThrows(Refusal.class, () -> DownloadToken.verify(token, secret, now)).status();
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String token(TestAgent agent, String path) throws IOException {
    String body = Json.write(Json.object().put("path", path));
    try (RawResponse response = agent.request("POST", "/files/token", body)) {
      JsonNode json = response.json();
      assertEquals(300, json.path("expires_in").intValue());
      return json.path("token").textValue();
    }
  }

  private static RawResponse get(TestAgent agent, String path, Map<String, String> headers)
      throws IOException {
    return RawResponse.send(agent.port(), "GET", path, headers, "");
  }
}
