package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** What is installed in an Ollama. */
final class OllamaModels {
  private static final Installed ANY =
      new Installed(131_072, List.of("completion", "tools", "vision"));

  private final Map<String, Installed> models = new ConcurrentSkipListMap<>();

  private record Installed(int contextTokens, List<String> capabilities) {}

  void add(String model, int contextTokens, List<String> capabilities) {
    models.put(model, new Installed(contextTokens, capabilities));
  }

  ObjectNode tags() {
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("models");
    models
        .keySet()
        .forEach(name ->
            list.addObject().put("name", name).put("model", name).put("size", 4_661_224_676L));
    return body;
  }

  ModelAnswer show(String model) {
    Optional<Installed> known = find(model);
    if (known.isEmpty()) {
      return missing(model);
    }
    ObjectNode body = Json.object();
    ArrayNode capabilities = body.putArray("capabilities");
    known.get().capabilities().forEach(capabilities::add);
    body.putObject("model_info")
        .put("general.architecture", "llama")
        .put("llama.context_length", known.get().contextTokens());
    return ModelAnswer.completion(Json.write(body));
  }

  /** What the server answers to a question it cannot put to the model; empty when it can. */
  Optional<ModelAnswer> refusal(ObjectNode request) {
    String model = request.path("model").asText();
    Optional<Installed> known = find(model);
    if (known.isEmpty()) {
      return Optional.of(missing(model));
    }
    if (request.has("tools") && !known.get().capabilities().contains("tools")) {
      String words = "registry.ollama.ai/library/" + model + " does not support tools";
      return Optional.of(ModelAnswer.error(400, Dialect.OLLAMA.error(words)));
    }
    return Optional.empty();
  }

  private Optional<Installed> find(String model) {
    return models.isEmpty() ? Optional.of(ANY) : Optional.ofNullable(models.get(model));
  }

  private static ModelAnswer missing(String model) {
    return ModelAnswer.error(404, Dialect.OLLAMA.error("model '" + model + "' not found"));
  }
}
