package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is done with pictures.
 *
 * @param sees what the owner says of models, by name in lower case
 * @param imagesMax the newest so many go into a request; 0 is all
 * @param delegate describes pictures for models that cannot see: a model of the OpenAI-compatible
 *     provider, or {@code provider:model}; empty for the default
 * @param painter makes pictures, at the OpenAI-compatible provider
 */
public record VisionSettings(
    Map<String, Boolean> sees, int imagesMax, String delegate, String painter) {
  static final int IMAGES_DEFAULT = 4;

  /** Describes pictures where the OpenAI-compatible provider runs the agent's model. */
  static final String DELEGATE_DEFAULT = "claw-flash";

  static final String PAINTER_DEFAULT = "z-image-turbo";

  private static final Set<String> SIGHTLESS = Set.of("claw-large", "hermes-3-8b-tee");

  public VisionSettings {
    sees = Map.copyOf(sees);
  }

  static VisionSettings fromEnv(EnvReader env) {
    Map<String, Boolean> sees = new HashMap<>();
    String meaning = "JSON: can the model see? {\"<model>\": true}; others by a table";
    object(env, "MODEL_VISION", meaning)
        .ifPresent(object -> {
          for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (entry.getValue().isBoolean()) {
              sees.put(key(entry.getKey()), entry.getValue().booleanValue());
            } else {
              env.problem("MODEL_VISION", "must give true or false for each model");
            }
          }
        });
    return new VisionSettings(
        sees,
        (int)
            env.integer(
                "MAX_IMAGES_PER_REQUEST", IMAGES_DEFAULT, 0, 1000, "newest images sent; 0: all"),
        env.text(
                "VISION_DELEGATION_MODEL",
                "",
                "describes images for a model that cannot see; of openai unless it begins with"
                    + " another provider and a colon; default "
                    + DELEGATE_DEFAULT
                    + " with openai, none with others")
            .strip(),
        env.text(
            "IMAGE_GENERATION_MODEL", PAINTER_DEFAULT, "makes the pictures of generate_image"));
  }

  /** The object of a JSON variable; anything else is a problem. */
  static Optional<ObjectNode> object(EnvReader env, String name, String meaning) {
    Optional<String> text = env.optional(name, meaning);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (Json.parse(text.get()) instanceof ObjectNode object) {
        return Optional.of(object);
      }
    } catch (JsonException _) {
      // Told below.
    }
    env.problem(name, "must be a JSON object");
    return Optional.empty();
  }

  static String key(String model) {
    return model.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a model can see.
   *
   * @param told by its server, which knows better than a table
   */
  boolean sees(String model, Optional<Boolean> told) {
    Boolean own = sees.get(key(model));
    return own != null ? own : told.orElse(!SIGHTLESS.contains(key(model)));
  }
}
