package ai.liberclaw.agent.tool;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Optional;

/**
 * Checks a call's arguments against its tool's schema and puts right what is plainly meant: numbers
 * and booleans written as text, null for "not given". Unknown parameters are dropped.
 */
final class ArgumentCheck {
  private static final int SHOWN_LENGTH_MAX = 60;

  private ArgumentCheck() {}

  /** A fault the model can repair; the message names the parameter. */
  static final class Fault extends Exception {
    Fault(String message) {
      super(message, null, false, false);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }

  static ObjectNode check(String raw, ObjectNode schema) throws Fault {
    ObjectNode given = parse(raw);
    ObjectNode checked = Json.object();
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      JsonNode value = given.get(property.getKey());
      if (value != null && !value.isNull()) {
        checked.set(property.getKey(), coerce(property.getKey(), value, property.getValue()));
      }
    }
    for (JsonNode name : schema.path("required")) {
      if (!checked.has(name.asText())) {
        throw new Fault("missing required '" + name.asText() + "' parameter");
      }
    }
    return checked;
  }

  private static ObjectNode parse(String raw) throws Fault {
    // Some models send nothing for a tool without parameters.
    if (raw.isBlank()) {
      return Json.object();
    }
    JsonNode node;
    try {
      node = Json.parse(raw);
    } catch (JsonException e) {
      throw new Fault("the arguments are not valid JSON (" + e.getMessage() + ")");
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new Fault("the arguments must be a JSON object, not " + kind(node) + ": " + shown(node));
  }

  private static JsonNode coerce(String name, JsonNode value, JsonNode schema) throws Fault {
    String type = schema.path("type").asText();
    Optional<JsonNode> right =
        switch (type) {
          case "string" -> string(value);
          case "integer" -> integer(value);
          case "boolean" -> flag(value);
          default -> Optional.of(value);
        };
    if (right.isEmpty()) {
      String article = type.equals("integer") ? "an " : "a ";
      throw new Fault(
          "parameter '"
              + name
              + "' must be "
              + article
              + type
              + ", not "
              + kind(value)
              + ": "
              + shown(value));
    }
    bounds(name, right.get(), schema);
    return right.get();
  }

  private static Optional<JsonNode> string(JsonNode value) {
    return value.isTextual()
        ? Optional.of(value)
        : value.isNumber() || value.isBoolean()
            ? Optional.of(TextNode.valueOf(value.asText()))
            : Optional.empty();
  }

  private static Optional<JsonNode> integer(JsonNode value) {
    if (value.isNumber()) {
      return value.canConvertToLong() && value.decimalValue().stripTrailingZeros().scale() <= 0
          ? Optional.of(LongNode.valueOf(value.asLong()))
          : Optional.empty();
    }
    if (value.isTextual() && value.asText().strip().matches("[+-]?[0-9]{1,18}(\\.0+)?")) {
      String digits = value.asText().strip();
      int point = digits.indexOf('.');
      return Optional.of(
          LongNode.valueOf(Long.parseLong(point < 0 ? digits : digits.substring(0, point))));
    }
    return Optional.empty();
  }

  private static Optional<JsonNode> flag(JsonNode value) {
    if (value.isBoolean()) {
      return Optional.of(value);
    }
    return switch (value.asText().strip().toLowerCase(java.util.Locale.ROOT)) {
      case "true", "yes", "1" -> Optional.of(BooleanNode.TRUE);
      case "false", "no", "0" -> Optional.of(BooleanNode.FALSE);
      default -> Optional.empty();
    };
  }

  private static void bounds(String name, JsonNode value, JsonNode schema) throws Fault {
    if (schema.has("minimum") && value.asLong() < schema.get("minimum").asLong()) {
      throw new Fault(
          "parameter '" + name + "' must be at least " + schema.get("minimum").asLong());
    }
    if (schema.has("maximum") && value.asLong() > schema.get("maximum").asLong()) {
      throw new Fault("parameter '" + name + "' must be at most " + schema.get("maximum").asLong());
    }
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "an array";
      case BOOLEAN -> "a boolean";
      case NULL, MISSING -> "null";
      case NUMBER -> "a number";
      case OBJECT, POJO -> "an object";
      case STRING -> "a string";
      case BINARY -> "bytes";
    };
  }

  private static String shown(JsonNode value) {
    String text = Json.write(value);
    return text.length() <= SHOWN_LENGTH_MAX ? text : Cut.head(text, SHOWN_LENGTH_MAX) + "…";
  }
}
