package ai.liberclaw.agent.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.secret.Secrets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretCheckTest {
  private static final String SECRET = TestAgent.SECRET;

  @TempDir Path folder;

  @Test
  void w20OnlyTheSecretOpensAnythingButHealth() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      for (String good : List.of("Bearer " + SECRET, SECRET, "bearer  " + SECRET, " " + SECRET)) {
        assertEquals(200, status(agent, "/pending", good), good);
      }
      for (String bad :
          List.of("Bearer", "Bearer x", SECRET + "x", "Basic abc", "caf\u00e9\u00ff")) {
        assertEquals(401, status(agent, "/pending", bad), bad);
      }
      try (RawResponse unknown =
          RawResponse.send(agent.port(), "GET", "/no/such/path", Map.of(), "")) {
        assertEquals(401, unknown.status());
        assertEquals("{\"error\":\"unauthorized\"}", unknown.text());
      }
      assertEquals(404, status(agent, "/no/such/path", SECRET));
      assertEquals(200, status(agent, "/health", "wrong"));
      assertEquals(401, status(agent, "/health/", "wrong"));
    }
  }

  @Test
  void w20ManyFailuresAreLimitedButTheSecretStillWorks() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      for (int i = 0; i < FailureCount.PER_MINUTE_MAX; i++) {
        assertEquals(401, status(agent, "/pending", "guess " + i));
      }
      try (RawResponse limited =
          RawResponse.send(
              agent.port(), "GET", "/pending", Map.of("Authorization", "another"), "")) {
        assertEquals(429, limited.status());
        assertEquals("60", limited.header("Retry-After").orElseThrow());
      }
      assertEquals(200, status(agent, "/pending", SECRET));
    }
  }

  @Test
  void theHashOfTheSecretIsEnough() throws IOException {
    Map<String, String> variables =
        Map.of("AGENT_SECRET", "ignored", "AGENT_SECRET_HASH", Secrets.sha256Hex(SECRET));
    try (TestAgent agent = TestAgent.start(folder, variables)) {
      assertEquals(200, status(agent, "/pending", SECRET));
      assertEquals(401, status(agent, "/pending", "ignored"));
    }
  }

  @Test
  void aSecretOutsideAsciiIsComparedByItsBytes() {
    Secret secret = Secret.of("g\u00e9heim");
    assertTrue(secret.matches("g\u00e9heim"));
    // How the UTF-8 bytes look when a header is read as Latin-1.
    assertTrue(secret.matches("g\u00c3\u00a9heim"));
    assertFalse(secret.matches("geheim"));
    assertEquals("Secret[]", secret.toString());
  }

  @Test
  void failuresAreForgottenAfterAMinute() {
    AtomicLong now = new AtomicLong();
    FailureCount failures = new FailureCount(now::get);
    for (int i = 0; i < FailureCount.PER_MINUTE_MAX; i++) {
      assertFalse(failures.add("peer"));
    }
    assertTrue(failures.add("peer"));
    assertFalse(failures.add("another"));
    now.addAndGet(61_000_000_000L);
    assertFalse(failures.add("peer"));
  }

  private static int status(TestAgent agent, String path, String authorization) throws IOException {
    try (RawResponse response =
        RawResponse.send(agent.port(), "GET", path, Map.of("Authorization", authorization), "")) {
      return response.status();
    }
  }
}
