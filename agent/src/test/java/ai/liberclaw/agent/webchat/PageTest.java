package ai.liberclaw.agent.webchat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PageTest {
  private static final String FOREIGN = "https://elsewhere.example";

  @TempDir Path folder;

  @Test
  void thePageIsForAnybodyAndMayLoadNothingFromElsewhere() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      for (String path :
          List.of("/", "/index.html", "/favicon.ico", "/manifest.json", "/assets/main.js")) {
        try (RawResponse page = get(agent, path, Map.of())) {
          assertEquals(200, page.status(), path);
          String policy = page.header("Content-Security-Policy").orElseThrow();
          assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
          assertEquals("nosniff", page.header("X-Content-Type-Options").orElseThrow());
          String tag = page.header("ETag").orElseThrow();
          try (RawResponse again = get(agent, path, Map.of("If-None-Match", tag))) {
            assertEquals(304, again.status(), path);
          }
        }
      }
      for (String path :
          List.of("/assets/no-such.js", "/assets/../AgentServer.class", "/assets/%2e%2e/pom.js")) {
        try (RawResponse missing = get(agent, path, Map.of())) {
          assertEquals(404, missing.status(), path);
        }
      }
      for (String path : List.of("/assets", "/pending", "/files/x", "/dl", "/chat/assets/x")) {
        try (RawResponse closed = get(agent, path, Map.of())) {
          assertEquals(401, closed.status(), path);
        }
      }
    }
  }

  @Test
  void withoutAPageItsPathsAreAsClosedAsAllOthers() throws IOException {
    try (TestAgent agent = TestAgent.start(folder, Map.of("LOCAL_UI_ENABLED", "false"))) {
      for (String path : List.of("/", "/assets/main.js")) {
        try (RawResponse closed = get(agent, path, Map.of())) {
          assertEquals(401, closed.status(), path);
        }
      }
    }
  }

  @Test
  void anOwnBuildIsServedInsteadAndNothingBesideIt() throws IOException {
    Path build = folder.resolve("build");
    Files.createDirectories(build.resolve("assets/deep"));
    Files.writeString(build.resolve("index.html"), "my page");
    Files.writeString(build.resolve("assets/deep/a b.js"), "my script");
    Files.writeString(build.resolve("assets/.hidden"), "no");
    Files.writeString(folder.resolve("outside.js"), "no");
    Files.createSymbolicLink(build.resolve("assets/link.js"), folder.resolve("outside.js"));
    try (TestAgent agent =
        TestAgent.start(folder, Map.of("LOCAL_UI_DIST_PATH", build.toString()))) {
      try (RawResponse page = get(agent, "/", Map.of())) {
        assertEquals("my page", page.text());
      }
      try (RawResponse script = get(agent, "/assets/deep/a%20b.js", Map.of())) {
        assertEquals("my script", script.text());
        assertEquals("text/javascript; charset=utf-8", script.header("Content-Type").orElseThrow());
      }
      for (String path :
          List.of(
              "/assets/link.js",
              "/assets/.hidden",
              "/assets/deep",
              "/assets/../../outside.js",
              "/assets/%2e%2e%2f%2e%2e%2foutside.js",
              "/assets//etc/passwd",
              "/assets/%00")) {
        try (RawResponse refused = get(agent, path, Map.of())) {
          assertTrue(refused.status() == 404 || refused.status() == 400, path);
        }
      }
    }
  }

  @Test
  void settingsThatCannotWorkStopTheStart() {
    for (Map<String, String> wrong :
        List.of(
            Map.of("LOCAL_UI_DIST_PATH", folder.resolve("nothing").toString()),
            Map.of("LOCAL_UI_CORS_ORIGINS", "elsewhere.example"),
            Map.of("LOCAL_UI_CORS_ORIGINS", FOREIGN + "/"))) {
      assertThrows(ConfigException.class, () -> TestAgent.start(folder, wrong).close());
    }
  }

  /** W-36: not every origin, and editing works from those that may. */
  @Test
  void w36OnlyTheOwnNameAndConfiguredOriginsMayUseTheAgent() throws IOException {
    Map<String, String> named = Map.of("AGENT_FQDN", "ada.example.org");
    try (TestAgent agent = TestAgent.start(folder, named)) {
      assertEquals(Optional.empty(), allowed(agent, FOREIGN));
      assertEquals(Optional.empty(), allowed(agent, "http://ada.example.org"));
      assertEquals(
          Optional.of("https://ada.example.org"), allowed(agent, "https://ada.example.org"));
    }
    try (TestAgent agent = TestAgent.start(folder, Map.of("LOCAL_UI_CORS_ORIGINS", FOREIGN))) {
      assertEquals(Optional.of(FOREIGN), allowed(agent, FOREIGN));
      try (RawResponse error = get(agent, "/pending", Map.of("Origin", FOREIGN))) {
        assertEquals(401, error.status());
        assertEquals(FOREIGN, error.header("Access-Control-Allow-Origin").orElseThrow());
      }
    }
    try (TestAgent agent = TestAgent.start(folder, Map.of("LOCAL_UI_CORS_ORIGINS", "*"))) {
      assertEquals(Optional.of(FOREIGN), allowed(agent, FOREIGN));
    }
  }

  private static Optional<String> allowed(TestAgent agent, String origin) throws IOException {
    Map<String, String> headers =
        Map.of("Origin", origin, "Access-Control-Request-Method", "PATCH");
    try (RawResponse preflight =
        RawResponse.send(agent.port(), "OPTIONS", "/chat/x", headers, "")) {
      assertEquals(204, preflight.status());
      assertTrue(preflight.header("Access-Control-Allow-Credentials").isEmpty());
      Optional<String> allowed = preflight.header("Access-Control-Allow-Origin");
      if (allowed.isPresent()) {
        String methods = preflight.header("Access-Control-Allow-Methods").orElseThrow();
        assertTrue(methods.contains("PATCH"), methods);
      }
      return allowed;
    }
  }

  private static RawResponse get(TestAgent agent, String path, Map<String, String> headers)
      throws IOException {
    return RawResponse.send(agent.port(), "GET", path, headers, "");
  }
}
