package ai.liberclaw.deploy;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.deploy.provider.ModelAccess;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an operator sets once for the models of all agents on this machine, by the names of the
 * agent's own variables. The agent checks the values; what is not set is left to its defaults.
 */
final class ModelVariables {
  private static final List<String> PROVIDERS =
      List.of("openai", "ollama", "anthropic", "offline", "auto");

  /** Keys, also known with the prefix of the platform's own variables, which counts first. */
  private static final Map<String, String> KEYS = keys();

  private static final Map<String, String> PASSED = passed();

  private static final String PREFIX = "LIBERCLAW_";

  private ModelVariables() {}

  static ModelAccess read(EnvReader env, boolean devMode) {
    Map<String, String> variables = new LinkedHashMap<>();
    KEYS.forEach((name, meaning) ->
        env.optional(PREFIX + name, meaning)
            .or(() -> env.optional(name, "the same, without prefix"))
            .ifPresent(value -> variables.put(name, value)));
    variables.put(
        "LIBERTAI_API_BASE_URL",
        env.text(
            "LIBERCLAW_LIBERTAI_API_BASE_URL",
            "https://api.libertai.io/v1",
            "where models of the OpenAI kind answer"));
    variables.put(
        "MODEL_PROVIDER",
        env.choice(
            "MODEL_PROVIDER",
            devMode ? "auto" : "openai",
            PROVIDERS,
            "who runs the models of agents on this machine"));
    PASSED.forEach((name, meaning) ->
        env.optional(name, meaning).ifPresent(value -> variables.put(name, value)));
    return new ModelAccess(variables);
  }

  /** Names of the variables that hold keys. */
  static List<String> secretNames() {
    return KEYS.keySet().stream().flatMap(name -> Stream.of(PREFIX + name, name)).toList();
  }

  private static Map<String, String> keys() {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("LIBERTAI_API_KEY", "key for the models agents call");
    keys.put("ANTHROPIC_API_KEY", "key for the models agents call with MODEL_PROVIDER anthropic");
    keys.put("BRAVE_API_KEY", "key of Brave Search, for agents' web_search");
    return keys;
  }

  private static Map<String, String> passed() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("OLLAMA_BASE_URL", "an Ollama other than this machine's own");
    names.put("OLLAMA_MODEL", "model asked of Ollama when the agent's is not installed");
    names.put("OLLAMA_NUM_CTX", "context asked of Ollama, in tokens");
    names.put("OLLAMA_NUM_PARALLEL", "answers one agent asks of Ollama at the same time");
    names.put("OLLAMA_KEEP_ALIVE", "how long Ollama keeps a model loaded");
    names.put("OLLAMA_PRELOAD", "load the model into Ollama when an agent starts");
    names.put("ANTHROPIC_BASE_URL", "where models of the Anthropic kind answer");
    names.put("ANTHROPIC_MODEL", "model of MODEL_PROVIDER anthropic, instead of the agent's");
    names.put("ANTHROPIC_CACHE", "ask Anthropic for its prompt cache");
    names.put("MODEL_FALLBACKS", "models asked when the provider fails: provider:model,…");
    names.put("MODEL_VISION", "JSON: which models see pictures");
    names.put("MODEL_CONTEXT", "JSON: context windows of models");
    names.put("MAX_CONTEXT_TOKENS", "context window; 0: by model");
    names.put("GENERATION_RESERVE", "tokens kept for the answer");
    names.put("VISION_DELEGATION_MODEL", "describes pictures for models that cannot see");
    names.put("MAX_IMAGES_PER_REQUEST", "newest pictures a model is sent");
    names.put("IMAGE_GENERATION_MODEL", "makes the pictures of generate_image");
    names.put("INFERENCE_TIMEOUT", "bound of one model call with its retries (seconds)");
    names.put("INFERENCE_IDLE_TIMEOUT", "silence after which a model call is cut (seconds)");
    names.put("INFERENCE_RETRIES", "extra attempts of a model call");
    names.put("INFERENCE_RETRY_BASE_MS", "wait before the first retry (milliseconds)");
    names.put("BRAVE_SEARCH_BASE_URL", "Brave Search API, for agents' web_search");
    names.put("LIBERTAI_SEARCH_BASE_URL", "search service that gets the inference key");
    names.put("NET_ALLOW_HOSTS", "hosts agents' tools may reach in private networks");
    names.put("TOOLS_USER", "user that agents' tools run as, where the server may switch");
    names.put("TOOLS_READABLE", "more folders that agents' sandboxed tools may read");
    return names;
  }
}
