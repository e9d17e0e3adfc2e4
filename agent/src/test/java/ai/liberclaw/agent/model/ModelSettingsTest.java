package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.model.ModelProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ModelSettingsTest {
  private static ModelSettings read(Map<String, String> environment) {
    EnvReader env = new EnvReader(environment);
    ModelSettings settings = ModelSettings.fromEnv(env);
    env.throwIfProblems();
    return settings;
  }

  private static List<String> problems(Map<String, String> environment) {
    return assertThrows(ConfigException.class, () -> read(environment)).problems();
  }

  private static Models models(Map<String, String> environment) {
    return Models.create(read(environment), VisionLog.silent());
  }

  @Test
  void defaultsAreLibertAi() {
    assertEquals(
        new ModelSettings(
            "openai",
            "qwen3-coder-next",
            "https://api.libertai.io/v1",
            "k",
            new OllamaSettings("http://127.0.0.1:11434", "", "5m", 16_384, 1, false),
            new AnthropicSettings("https://api.anthropic.com", "", "", true),
            List.of(),
            new VisionSettings(Map.of(), 4, "", "z-image-turbo"),
            new WindowSettings(0, Map.of(), 4096),
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
            new OllamaSettings("http://localhost:2", "o", "90", 4096, 3, true),
            new AnthropicSettings("http://localhost:3", "sk-ant", "claude", false),
            List.of(
                new ModelName(ModelProvider.OLLAMA, "llama3.2:3b"),
                new ModelName(ModelProvider.ANTHROPIC, "claude")),
            new VisionSettings(Map.of("m", false), 7, "ollama:llava", "brush"),
            new WindowSettings(9, Map.of("m", 8), 7),
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            5,
            Duration.ofMillis(6)),
        read(
            Map.ofEntries(
                Map.entry("MODEL_PROVIDER", "auto"),
                Map.entry("MODEL", "m"),
                Map.entry("LIBERTAI_API_BASE_URL", "http://localhost:1/v1/"),
                Map.entry("LIBERTAI_API_KEY", "k"),
                Map.entry("OLLAMA_BASE_URL", "http://localhost:2/"),
                Map.entry("OLLAMA_MODEL", "o"),
                Map.entry("OLLAMA_KEEP_ALIVE", "90"),
                Map.entry("OLLAMA_NUM_CTX", "4096"),
                Map.entry("OLLAMA_NUM_PARALLEL", "3"),
                Map.entry("OLLAMA_PRELOAD", "true"),
                Map.entry("ANTHROPIC_BASE_URL", "http://localhost:3/"),
                Map.entry("ANTHROPIC_API_KEY", "sk-ant"),
                Map.entry("ANTHROPIC_MODEL", "claude"),
                Map.entry("ANTHROPIC_CACHE", "false"),
                Map.entry("MODEL_FALLBACKS", "ollama:llama3.2:3b, anthropic:claude"),
                Map.entry("MODEL_VISION", "{\"M\":false}"),
                Map.entry("MODEL_CONTEXT", "{\"M\":8}"),
                Map.entry("MAX_CONTEXT_TOKENS", "9"),
                Map.entry("GENERATION_RESERVE", "7"),
                Map.entry("MAX_IMAGES_PER_REQUEST", "7"),
                Map.entry("VISION_DELEGATION_MODEL", "ollama:llava"),
                Map.entry("IMAGE_GENERATION_MODEL", "brush"),
                Map.entry("INFERENCE_TIMEOUT", "3"),
                Map.entry("INFERENCE_IDLE_TIMEOUT", "4"),
                Map.entry("INFERENCE_RETRIES", "5"),
                Map.entry("INFERENCE_RETRY_BASE_MS", "6"))));
  }

  @Test
  void aMissingKeyRefusesForTheProviderThatNeedsIt() {
    assertEquals(
        List.of("LIBERTAI_API_KEY is required while MODEL_PROVIDER is openai"), problems(Map.of()));
    assertEquals(
        List.of("ANTHROPIC_API_KEY is required while MODEL_PROVIDER is anthropic"),
        problems(Map.of("MODEL_PROVIDER", "anthropic")));
    assertEquals("offline", models(Map.of("MODEL_PROVIDER", "offline")).model().provider());
  }

  @Test
  void fallbacksAreCheckedAtStart() {
    String shape =
        "MODEL_FALLBACKS must be a list of provider:model, the provider one of openai, ollama,"
            + " anthropic";
    for (String wrong : List.of("gpt", "openai:", "offline:x", "me:x")) {
      assertEquals(
          List.of(shape), problems(Map.of("MODEL_PROVIDER", "offline", "MODEL_FALLBACKS", wrong)));
    }
    assertEquals(
        List.of("MODEL_FALLBACKS names a model of anthropic, which needs ANTHROPIC_API_KEY"),
        problems(Map.of("MODEL_PROVIDER", "offline", "MODEL_FALLBACKS", "anthropic:claude")));
    assertEquals(
        List.of("MODEL_FALLBACKS must name at most 5 models"),
        problems(Map.of("MODEL_PROVIDER", "offline", "MODEL_FALLBACKS", "ollama:x,".repeat(6))));
  }

  @Test
  void tablesMustBeObjectsOfTheRightKind() {
    for (String name : List.of("MODEL_VISION", "MODEL_CONTEXT")) {
      for (String wrong : List.of("[]", "yes", "{\"m\":\"x\"}", "{\"m\":-1}")) {
        assertEquals(1, problems(Map.of("MODEL_PROVIDER", "offline", name, wrong)).size(), wrong);
      }
    }
  }

  @Test
  void theOwnersWordOnContextsCounts() {
    WindowSettings windows = new WindowSettings(0, Map.of("m", 8), 0);
    assertEquals(OptionalInt.of(8), windows.of("M"));
    assertEquals(OptionalInt.empty(), windows.of("other"));
    assertEquals(OptionalInt.of(5), new WindowSettings(5, Map.of("m", 8), 0).of("m"));
  }

  @Test
  void theChosenProvidersModelIsMade() {
    Models anthropic =
        models(
            Map.of(
                "MODEL_PROVIDER", "anthropic",
                "ANTHROPIC_API_KEY", "k",
                "ANTHROPIC_MODEL", "claude-sonnet-4-5"));
    assertEquals("anthropic", anthropic.model().provider());
    assertEquals("claude-sonnet-4-5", anthropic.model().name());
    Models chain = models(Map.of("LIBERTAI_API_KEY", "k", "MODEL_FALLBACKS", "openai:glm-4.7"));
    assertInstanceOf(FallbackModel.class, chain.model());
    assertEquals("qwen3-coder-next", chain.model().name());
    assertEquals(Optional.of("vision"), chain.vision().capability());
    Models blind = models(Map.of("LIBERTAI_API_KEY", "k", "MODEL", "claw-large"));
    assertEquals(Optional.of("vision_delegated"), blind.vision().capability());
  }

  @Test
  void keysAreNotInTheirText() {
    ModelSettings settings =
        read(Map.of("LIBERTAI_API_KEY", "sk-secret", "ANTHROPIC_API_KEY", "sk-secret"));
    assertFalse(settings.toString().contains("sk-secret"));
    assertFalse(settings.anthropic().toString().contains("sk-secret"));
  }
}
