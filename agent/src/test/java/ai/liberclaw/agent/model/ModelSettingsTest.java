package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelSettingsTest {
  private static ModelSettings read(Map<String, String> environment) {
    EnvReader env = new EnvReader(environment);
    ModelSettings settings = ModelSettings.fromEnv(env);
    env.throwIfProblems();
    return settings;
  }

  @Test
  void defaultsAreLibertAi() {
    assertEquals(
        new ModelSettings(
            "openai",
            "qwen3-coder-next",
            "https://api.libertai.io/v1",
            "k",
            "http://127.0.0.1:11434",
            "",
            Duration.ofSeconds(300),
            Duration.ofSeconds(90),
            2,
            Duration.ofSeconds(2)),
        read(Map.of("LIBERTAI_API_KEY", "k")));
  }

  @Test
  void everyVariableIsTaken() {
    assertEquals(
        new ModelSettings(
            "auto",
            "m",
            "http://localhost:1/v1",
            "k",
            "http://localhost:2",
            "o",
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            5,
            Duration.ofMillis(6)),
        read(
            Map.of(
                "MODEL_PROVIDER", "auto",
                "MODEL", "m",
                "LIBERTAI_API_BASE_URL", "http://localhost:1/v1/",
                "LIBERTAI_API_KEY", "k",
                "OLLAMA_BASE_URL", "http://localhost:2/",
                "OLLAMA_MODEL", "o",
                "INFERENCE_TIMEOUT", "3",
                "INFERENCE_IDLE_TIMEOUT", "4",
                "INFERENCE_RETRIES", "5",
                "INFERENCE_RETRY_BASE_MS", "6")));
  }

  @Test
  void aMissingKeyRefusesForOpenAiAlone() {
    ConfigException refused = assertThrows(ConfigException.class, () -> read(Map.of()));
    assertEquals(
        List.of("LIBERTAI_API_KEY is required while MODEL_PROVIDER is openai"), refused.problems());
    assertInstanceOf(OfflineModel.class, Models.create(read(Map.of("MODEL_PROVIDER", "offline"))));
  }

  @Test
  void anthropicIsNotInThisRelease() {
    ConfigException refused =
        assertThrows(ConfigException.class, () -> read(Map.of("MODEL_PROVIDER", "anthropic")));
    assertEquals(
        List.of(
            "MODEL_PROVIDER anthropic is not in this release; use openai, ollama, offline or auto"),
        refused.problems());
  }

  @Test
  void theKeyIsNotInItsText() {
    assertFalse(read(Map.of("LIBERTAI_API_KEY", "sk-secret")).toString().contains("sk-secret"));
  }
}
