package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlPlaneConfigTest {
  private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  @Test
  void developmentMeansProcessesAndWhateverModelThereIs() {
    ControlPlaneConfig config =
        read(Map.of("LIBERCLAW_DEV_MODE", "true", "LIBERCLAW_ENCRYPTION_KEY", KEY));
    assertEquals(List.of("process"), config.providers());
    assertEquals("auto", config.models().variables().get("MODEL_PROVIDER"));
    ControlPlaneConfig production = read(Map.of("LIBERCLAW_ENCRYPTION_KEY", KEY));
    assertEquals(List.of("aleph"), production.providers());
    assertEquals("openai", production.models().variables().get("MODEL_PROVIDER"));
  }

  @Test
  void allProblemsAreToldAtOnceAndNoValue() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    Map.of(
                        "LIBERCLAW_ENCRYPTION_KEY", "short-key",
                        "LIBERCLAW_PROVIDERS", "cloud9",
                        "LIBERCLAW_PRO_MAX_AGENTS", "many")));
    assertEquals(3, e.problems().size(), e.problems().toString());
    assertFalse(String.valueOf(e.getMessage()).contains("short-key"));
  }

  @Test
  void thePoolIsOffAndItsSizesMustFit() {
    assertFalse(read(Map.of("LIBERCLAW_ENCRYPTION_KEY", KEY)).pool().enabled());
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    Map.of(
                        "LIBERCLAW_ENCRYPTION_KEY", KEY,
                        "LIBERCLAW_POOL_ENABLED", "perhaps",
                        "LIBERCLAW_POOL_MIN_SIZE", "5",
                        "LIBERCLAW_POOL_MAX_SIZE", "4",
                        "LIBERCLAW_ORPHAN_QUARANTINE", "1")));
    assertEquals(3, e.problems().size(), e.problems().toString());
  }

  @Test
  void theModelKeyIsNotShown() {
    ControlPlaneConfig config =
        read(Map.of("LIBERCLAW_ENCRYPTION_KEY", KEY, "LIBERTAI_API_KEY", "sk-secret-value"));
    assertTrue(config.models().variables().containsValue("sk-secret-value"));
    assertFalse(config.toString().contains("sk-secret-value"));
  }

  @Test
  void agentsGetWhatTheOperatorSetForModelsAndTheBlockLosesTheKeys() {
    Map<String, String> set =
        Map.of(
            "ANTHROPIC_API_KEY", "sk-ant",
            "ANTHROPIC_BASE_URL", "https://claude.example",
            "MODEL_FALLBACKS", "ollama:llama3.2",
            "OLLAMA_NUM_CTX", "8192",
            "MODEL_VISION", "{\"m\":true}",
            "TOOLS_READABLE", "/srv/data");
    Map<String, String> environment = new HashMap<>(set);
    environment.put("LIBERCLAW_ENCRYPTION_KEY", KEY);
    environment.put("LIBERCLAW_BRAVE_API_KEY", "brave");
    environment.put("BRAVE_API_KEY", "another");
    Map<String, String> passed = read(environment).models().variables();
    set.forEach((name, value) -> assertEquals(value, passed.get(name), name));
    assertEquals("brave", passed.get("BRAVE_API_KEY"));
    assertFalse(passed.containsKey("OLLAMA_MODEL"), "the agent's own default stays");
    assertTrue(
        ControlPlaneConfig.secretNames()
            .containsAll(
                List.of(
                    "LIBERTAI_API_KEY",
                    "LIBERCLAW_LIBERTAI_API_KEY",
                    "ANTHROPIC_API_KEY",
                    "LIBERCLAW_ANTHROPIC_API_KEY",
                    "LIBERCLAW_BRAVE_API_KEY")));
  }

  private static ControlPlaneConfig read(Map<String, String> environment) {
    EnvReader reader = new EnvReader(environment);
    ControlPlaneConfig config = ControlPlaneConfig.read(reader);
    reader.throwIfProblems();
    return config;
  }
}
