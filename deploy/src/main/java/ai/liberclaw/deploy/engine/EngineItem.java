package ai.liberclaw.deploy.engine;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An image, a volume or a network.
 *
 * @param id what the engine takes it by: an image's id, the name of the others
 */
public record EngineItem(String id, Map<String, String> labels, Optional<Instant> createdAt) {
  public EngineItem {
    labels = Map.copyOf(labels);
  }

  /**
   * Whether it carries a label.
   *
   * @param label {@code name=value}
   */
  boolean has(String label) {
    int equals = label.indexOf('=');
    return label(label.substring(0, equals)).equals(label.substring(equals + 1));
  }

  public String label(String name) {
    return labels.getOrDefault(name, "");
  }
}
