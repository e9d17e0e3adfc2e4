package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.Usage;
import ai.liberclaw.core.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts what the model calls of one turn cost, until that is stored. */
final class Spending {
  private final Map<String, Spent> open = new LinkedHashMap<>();

  /**
   * Counts one call of a model, which may have let another one answer; returns what readers are
   * told.
   */
  String add(Model asked, Reply reply) {
    boolean told = !reply.model().isEmpty();
    return add(
        told ? reply.provider() : asked.provider(),
        told ? reply.model() : asked.name(),
        reply.usage());
  }

  private String add(String provider, String model, Usage usage) {
    Spent before =
        open.getOrDefault(provider + " " + model, new Spent(provider, model, 0, null, null, null));
    open.put(provider + " " + model, before.plus(usage));
    return Json.writeAscii(
        Json.object()
            .put("type", "usage")
            .put("model", model)
            .put("prompt_tokens", usage.promptTokens())
            .put("cached_tokens", usage.cachedTokens())
            .put("completion_tokens", usage.completionTokens()));
  }

  /** What was counted since the last time, by model. */
  List<Spent> take() {
    List<Spent> spent = List.copyOf(open.values());
    open.clear();
    return spent;
  }
}
