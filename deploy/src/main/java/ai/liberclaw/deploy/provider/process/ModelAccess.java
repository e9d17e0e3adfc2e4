package ai.liberclaw.deploy.provider.process;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How agents reach a model, by the names of the agent's own variables ({@code MODEL_PROVIDER},
 * {@code LIBERTAI_API_KEY}, …). Values are not shown.
 */
public record ModelAccess(Map<String, String> variables) {
  public ModelAccess {
    Map<String, String> set = new LinkedHashMap<>(variables);
    set.values().removeIf(String::isEmpty);
    variables = Map.copyOf(set);
  }

  @Override
  public String toString() {
    return "ModelAccess" + variables.keySet();
  }
}
