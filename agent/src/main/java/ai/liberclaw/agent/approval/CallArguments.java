package ai.liberclaw.agent.approval;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.secret.Secrets;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;

/**
 * The arguments of a call in the one form that all equal ones share: keys sorted, no blanks.
 *
 * @param hash SHA-256 of the canonical text in hex
 */
public record CallArguments(String canonical, String hash) {
  /**
   * @param raw as the model wrote them
   */
  public static CallArguments of(String raw) {
    String canonical;
    try {
      canonical = raw.isBlank() ? "{}" : Json.write(sorted(Json.parse(raw)));
    } catch (JsonException _) {
      // Such a call is never made; its text is as good a name for it as any.
      canonical = raw;
    }
    return new CallArguments(canonical, Secrets.sha256Hex(canonical));
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      Map<String, JsonNode> fields = new TreeMap<>();
      node.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
      ObjectNode object = Json.object();
      object.setAll(fields);
      return object;
    }
    if (node.isArray()) {
      ArrayNode array = Json.array();
      node.forEach(element -> array.add(sorted(element)));
      return array;
    }
    return node;
  }
}
