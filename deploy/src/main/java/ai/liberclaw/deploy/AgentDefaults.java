package ai.liberclaw.deploy;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.model.ModelSettings;
import ai.liberclaw.deploy.model.OfferedModel;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an operator sets once for all agents, by the names of the agent's own variables. The agent
 * checks the values; what is not set is left to its defaults. No secret is among them: models,
 * their keys and their fallbacks are the gateway's.
 */
final class AgentDefaults {
  private static final String DELEGATION = "VISION_DELEGATION_MODEL";
  private static final List<String> OTHER_PROVIDERS = List.of("ollama:", "anthropic:", "offline:");
  private static final Map<String, String> PASSED = passed();

  /** With waits of 2, 4, 8, 16 and 32 s a turn outlasts the restart of a server. */
  private static final String RETRIES = "5";

  private AgentDefaults() {}

  /** What the services tell of their models is passed on where the operator says nothing. */
  static Map<String, String> read(EnvReader env, ModelSettings services) {
    Map<String, String> variables = new LinkedHashMap<>();
    PASSED.forEach((name, meaning) ->
        env.optional(name, meaning).ifPresent(value -> variables.put(name, value)));
    String delegate = variables.getOrDefault(DELEGATION, "").strip();
    if (OTHER_PROVIDERS.stream().anyMatch(delegate::startsWith)) {
      env.problem(DELEGATION, "must name a model as the gateway's services do, without a provider");
    }
    variables.putIfAbsent("INFERENCE_RETRIES", RETRIES);
    ObjectNode contexts = Json.object();
    ObjectNode vision = Json.object();
    for (OfferedModel model : services.known()) {
      if (model.contextTokens() > 0) {
        contexts.put(model.id(), model.contextTokens());
      }
      if (model.vision()) {
        vision.put(model.id(), true);
      }
    }
    passOn(variables, "MODEL_CONTEXT", contexts);
    passOn(variables, "MODEL_VISION", vision);
    return variables;
  }

  private static void passOn(Map<String, String> variables, String name, ObjectNode told) {
    if (!told.isEmpty()) {
      variables.putIfAbsent(name, Json.write(told));
    }
  }

  private static Map<String, String> passed() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("MODEL_VISION", "JSON: which models see pictures");
    names.put("MODEL_CONTEXT", "JSON: context windows of models");
    names.put("MAX_CONTEXT_TOKENS", "context window; 0: by model");
    names.put("GENERATION_RESERVE", "tokens kept for the answer");
    names.put(DELEGATION, "describes pictures for models that cannot see");
    names.put("MAX_IMAGES_PER_REQUEST", "newest pictures a model is sent");
    names.put("IMAGE_GENERATION_MODEL", "makes the pictures of generate_image");
    names.put("INFERENCE_TIMEOUT", "bound of one model call with its retries (seconds)");
    names.put("INFERENCE_IDLE_TIMEOUT", "silence after which a model call is cut (seconds)");
    names.put("INFERENCE_RETRIES", "extra attempts of a model call");
    names.put("INFERENCE_RETRY_BASE_MS", "wait before the first retry (milliseconds)");
    names.put("NET_ALLOW_HOSTS", "hosts agents' tools may reach in private networks");
    names.put("TOOLS_USER", "user that agents' tools run as, where the server may switch");
    names.put("TOOLS_READABLE", "more folders that agents' sandboxed tools may read");
    return names;
  }
}
