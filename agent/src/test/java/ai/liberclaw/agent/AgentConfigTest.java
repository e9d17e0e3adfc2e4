package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.policy.PolicyMode;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AgentConfigTest {
  private static final Map<String, String> LEAST =
      Map.of("AGENT_SECRET", "s3cret-value", "LIBERTAI_API_KEY", "key-value");

  @Test
  void whatIsNotSetHasTheContractsDefault() {
    AgentConfig config = config(Map.of());
    assertEquals("Agent", config.name());
    assertEquals("127.0.0.1", config.listen().host());
    assertEquals(8080, config.listen().port());
    assertEquals(Duration.ofSeconds(15), config.listen().keepalive());
    assertEquals(Duration.ofSeconds(8), config.listen().shutdownGrace());
    assertEquals(Path.of("agent.db"), config.dbPath());
    assertEquals(Path.of("/opt/baal-agent/workspace"), config.workspace());
    assertEquals(50, config.turns().stepsMax());
    assertEquals(Duration.ofHours(1), config.turns().timeMax());
    assertEquals(Duration.ofMinutes(15), config.permissions().approvalTime());
    assertEquals(PolicyMode.FULL_AUTO, config.permissions().policy().mode());
    assertEquals(Duration.ofMinutes(30), config.proactive().heartbeat());
    assertEquals(98_304 - 4096, config.context().budgetTokens());
  }

  @Test
  void allProblemsAreNamedAtOnceAndNoValueIs() {
    ConfigException refused =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    Map.of(
                        "PORT", "eighty",
                        "MAX_TOOL_ITERATIONS", "0",
                        "CHAT_CONCURRENCY", "both",
                        "AGENT_SECRET_HASH", "not-a-hash-value")));
    String text = String.join("\n", refused.problems());
    for (String name :
        List.of(
            "PORT",
            "MAX_TOOL_ITERATIONS",
            "CHAT_CONCURRENCY",
            "AGENT_SECRET_HASH",
            "LIBERTAI_API_KEY")) {
      assertTrue(text.contains(name), text);
    }
    assertFalse(text.contains("eighty") || text.contains("not-a-hash-value"), text);
    ConfigException secret = assertThrows(ConfigException.class, () -> read(Map.of()));
    assertTrue(secret.problems().toString().contains("AGENT_SECRET is required"));
  }

  @Test
  void thePromptInBase64IsPreferredUnlessItIsBroken() {
    String prompt = "Zeile 1\nZ\u00e9ile 2";
    String base64 = Base64.getEncoder().encodeToString(prompt.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        prompt,
        config(Map.of("SYSTEM_PROMPT", "plain", "SYSTEM_PROMPT_B64", base64)).systemPrompt());
    for (String broken : List.of("*", "/w==")) {
      assertEquals(
          "plain",
          config(Map.of("SYSTEM_PROMPT", "plain", "SYSTEM_PROMPT_B64", broken)).systemPrompt());
    }
  }

  @Test
  void theEnvironmentWinsOverTheConfigFileWhichWinsOverDotEnv(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{\"AGENT_NAME\":\"file\",\"MODEL\":\"file\",\"port\":\"1\"}");
    Files.writeString(folder.resolve(".env"), "AGENT_NAME=env\nMODEL=env\nOWNER_CHAT_ID=env\n");
    Map<String, String> all =
        Environment.read(
            Map.of("AGENT_CONFIG_FILE", file.toString(), "agent_name", "process"), folder);
    EnvReader read = new EnvReader(all);
    assertEquals("process", read.text("AGENT_NAME", "", ""));
    assertEquals("file", read.text("MODEL", "", ""));
    assertEquals("env", read.text("OWNER_CHAT_ID", "", ""));
    assertEquals(1, read.integer("PORT", 0, 0, 9, ""));
    Files.writeString(file, "{\"PORT\":1}");
    Map<String, String> process = Map.of("AGENT_CONFIG_FILE", file.toString());
    ConfigException refused =
        assertThrows(ConfigException.class, () -> Environment.read(process, folder));
    assertEquals(List.of("AGENT_CONFIG_FILE: PORT must be a string"), refused.problems());
  }

  @Test
  void helpListsEveryVariable() {
    String help = EnvReader.help("title", read -> AgentConfig.read(read, Map.of()));
    for (String name :
        List.of("AGENT_SECRET", "AGENT_SECRET_HASH", "DB_PATH", "MODEL_PROVIDER", "TURN_TIMEOUT")) {
      assertTrue(help.contains("\n  " + name + " "), help);
    }
  }

  @Test
  void aWrongConfigurationEndsTheProcessWithOneLinePerProblem(@TempDir Path folder)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName())
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PORT", "eighty");
    Process process = builder.start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertEquals(2, process.waitFor());
    assertEquals(3, lines.size(), lines.toString());
    assertTrue(lines.stream().allMatch(line -> line.startsWith("Configuration: ")));
  }

  @Test
  void theFileItWasReadFromIsProtectedInsideTheWorkspace(@TempDir Path folder) throws IOException {
    Path workspace = Files.createDirectories(TestAgent.workspace(folder));
    Path settings = Files.writeString(workspace.resolve("settings.json"), "{}");
    Files.createLink(workspace.resolve("other-name.json"), settings);
    Files.writeString(workspace.resolve("plain.json"), "{}");
    Map<String, String> named = Map.of("AGENT_CONFIG_FILE", settings.toString());
    try (TestAgent agent = TestAgent.start(folder, named)) {
      for (String name : List.of("settings.json", "other-name.json")) {
        try (RawResponse refused = agent.get("/files/" + name)) {
          assertEquals(403, refused.status(), name);
        }
      }
      try (RawResponse plain = agent.get("/files/plain.json")) {
        assertEquals(200, plain.status());
      }
    }
  }

  private static AgentConfig config(Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(LEAST);
    all.putAll(variables);
    return read(all);
  }

  private static AgentConfig read(Map<String, String> variables) {
    EnvReader read = new EnvReader(variables);
    AgentConfig config = AgentConfig.read(read, variables);
    read.throwIfProblems();
    return config;
  }
}
