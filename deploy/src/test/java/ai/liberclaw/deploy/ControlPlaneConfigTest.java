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
    ControlPlaneConfig production = read(Map.of("LIBERCLAW_ENCRYPTION_KEY", KEY));
    assertEquals(List.of("aleph"), production.providers());
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
    assertFalse(config.toString().contains("sk-secret-value"));
  }

  @Test
  void agentsGetTheirDefaultsAndNothingOfTheModelServices() {
    Map<String, String> set = Map.of("MODEL_VISION", "{\"m\":true}", "TOOLS_READABLE", "/srv/data");
    Map<String, String> environment = new HashMap<>(set);
    environment.put("LIBERCLAW_ENCRYPTION_KEY", KEY);
    for (String name : List.of("LIBERTAI", "ANTHROPIC", "BRAVE")) {
      environment.put("LIBERCLAW_" + name + "_API_KEY", "sk-" + name);
      environment.put(name + "_API_KEY", "sk-" + name);
    }
    environment.put("OLLAMA_BASE_URL", "http://127.0.0.1:11434");
    environment.put("MODEL_FALLBACKS", "ollama:llama3.2");
    Map<String, String> passed = new HashMap<>(set);
    passed.put("INFERENCE_RETRIES", "5");
    passed.put("MODEL_CONTEXT", "{\"qwen3-coder-next\":98304,\"glm-4.7\":131072}");
    assertEquals(passed, read(environment).agentDefaults());
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

  @Test
  void picturesAreDescribedByAModelOfTheGateway() {
    Map<String, String> set =
        Map.of("LIBERCLAW_ENCRYPTION_KEY", KEY, "VISION_DELEGATION_MODEL", "ollama:llava");
    ConfigException e = assertThrows(ConfigException.class, () -> read(set));
    assertTrue(e.problems().getFirst().startsWith("VISION_DELEGATION_MODEL "));
  }

  private static ControlPlaneConfig read(Map<String, String> environment) {
    EnvReader reader = new EnvReader(environment);
    ControlPlaneConfig config = ControlPlaneConfig.read(reader);
    reader.throwIfProblems();
    return config;
  }
}
