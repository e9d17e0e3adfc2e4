package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.EnvReader;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What the owner says of models' contexts, in tokens.
 *
 * @param window of whatever model; 0 when it is not said
 * @param byModel of single models, by name in lower case
 * @param reserve kept free for the answer
 */
public record WindowSettings(int window, Map<String, Integer> byModel, int reserve) {
  private static final int TOKENS_MAX = 100_000_000;

  /** Too little to answer with, so that an answer may have this in any case. */
  private static final int ANSWER_TOKENS_MIN = 1_024;

  public WindowSettings {
    byModel = Map.copyOf(byModel);
  }

  static WindowSettings fromEnv(EnvReader env) {
    int window =
        (int) env.integer("MAX_CONTEXT_TOKENS", 0, 0, TOKENS_MAX, "context window; 0: by model");
    int reserve =
        (int) env.integer("GENERATION_RESERVE", 4096, 0, 1_000_000, "tokens kept for the answer");
    Map<String, Integer> byModel = new HashMap<>();
    String meaning = "JSON: context windows, {\"<model>\": tokens}; others by a table";
    VisionSettings.object(env, "MODEL_CONTEXT", meaning)
        .ifPresent(object -> {
          for (Map.Entry<String, JsonNode> entry : object.properties()) {
            JsonNode tokens = entry.getValue();
            if (tokens.isIntegralNumber()
                && tokens.longValue() > 0
                && tokens.longValue() <= TOKENS_MAX) {
              byModel.put(VisionSettings.key(entry.getKey()), tokens.intValue());
            } else {
              env.problem("MODEL_CONTEXT", "must give a number of tokens for each model");
            }
          }
        });
    return new WindowSettings(window, byModel, reserve);
  }

  /** What is said of a model; empty when nothing is. */
  public OptionalInt of(String model) {
    if (window > 0) {
      return OptionalInt.of(window);
    }
    Integer own = byModel.get(VisionSettings.key(model));
    return own == null ? OptionalInt.empty() : OptionalInt.of(own);
  }

  /** Tokens of an answer, for a provider that wants to be told. */
  int answerTokensMax() {
    return Math.max(reserve, ANSWER_TOKENS_MIN);
  }
}
