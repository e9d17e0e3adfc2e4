package ai.liberclaw.deploy.provider;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How agents reach a model, by the names of the agent's own variables ({@code MODEL_PROVIDER},
 * {@code LIBERTAI_API_KEY}, …). Values are not shown.
 */
public record ModelAccess(Map<String, String> variables) {
  private static final String KEY = "LIBERTAI_API_KEY";

  public ModelAccess {
    Map<String, String> set = new LinkedHashMap<>(variables);
    set.values().removeIf(String::isEmpty);
    variables = Map.copyOf(set);
  }

  /** The same with another key: whoever brings one does not use the operator's. */
  public ModelAccess with(String key) {
    Map<String, String> changed = new LinkedHashMap<>(variables);
    changed.put(KEY, key);
    return new ModelAccess(changed);
  }

  @Override
  public String toString() {
    return "ModelAccess" + variables.keySet();
  }
}
