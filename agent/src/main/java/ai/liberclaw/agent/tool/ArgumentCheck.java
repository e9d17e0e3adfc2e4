package ai.liberclaw.agent.tool;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks a call's arguments against its tool's schema and puts right what is plainly meant: numbers
 * and booleans written as text, null for "not given". It knows only the plain parts of JSON Schema;
 * what it does not know, such as {@code anyOf} and {@code $ref}, is left to the tool. Unknown
 * parameters pass too, unless the schema says that there are none.
 */
final class ArgumentCheck {
  private static final int SHOWN_LENGTH_MAX = 60;
  private static final List<String> CAN_ADD_PARAMETERS =
      List.of("patternProperties", "allOf", "anyOf", "oneOf", "$ref");
  private static final String DECIMAL = "[+-]?[0-9]{1,40}(\\.[0-9]{1,40})?";

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
    return check(parse(raw), schema, "");
  }

  /**
   * @param prefix of the names of its parameters in messages
   */
  private static ObjectNode check(ObjectNode given, JsonNode schema, String prefix) throws Fault {
    ObjectNode checked = given.deepCopy();
    JsonNode properties = schema.path("properties");
    for (Map.Entry<String, JsonNode> property : properties.properties()) {
      String name = property.getKey();
      JsonNode value = checked.get(name);
      if (value != null && !value.isNull()) {
        checked.set(name, coerce(prefix + name, value, property.getValue()));
      } else if (!mayBeNull(property.getValue())) {
        checked.remove(name);
      }
    }
    if (isClosed(schema)) {
      checked.retain(properties.propertyStream().map(Map.Entry::getKey).toList());
    }
    for (JsonNode name : schema.path("required")) {
      // Some generators call a parameter required although they say what stands for it.
      if (!checked.has(name.asText()) && !properties.path(name.asText()).has("default")) {
        throw new Fault("missing required '" + prefix + name.asText() + "' parameter");
      }
    }
    return checked;
  }

  private static boolean mayBeNull(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isTextual()) {
      return type.asText().equals("null") || schema.path("nullable").asBoolean();
    }
    return !type.isArray() || type.valueStream().anyMatch(one -> one.asText().equals("null"));
  }

  /** Whether the listed parameters are all that a call may have. */
  private static boolean isClosed(JsonNode schema) {
    JsonNode more = schema.path("additionalProperties");
    return more.isBoolean()
        && !more.asBoolean()
        && CAN_ADD_PARAMETERS.stream().noneMatch(schema::has);
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
          case "number" -> number(value);
          case "boolean" -> flag(value);
          case "array" -> list(value);
          default -> Optional.of(value);
        };
    if (right.isEmpty()) {
      String article = type.equals("integer") || type.equals("array") ? "an " : "a ";
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
    return right.get() instanceof ArrayNode list && schema.has("items")
        ? entries(name, list, schema.get("items"))
        : right.get();
  }

  private static ArrayNode entries(String name, ArrayNode list, JsonNode schema) throws Fault {
    ArrayNode checked = Json.array();
    for (int i = 0; i < list.size(); i++) {
      String entry = name + "[" + i + "]";
      if (!schema.path("type").asText().equals("object") || !schema.has("properties")) {
        checked.add(coerce(entry, list.get(i), schema));
      } else if (list.get(i) instanceof ObjectNode object) {
        checked.add(check(object, schema, entry + "."));
      } else {
        throw new Fault(
            "parameter '"
                + entry
                + "' must be an object, not "
                + kind(list.get(i))
                + ": "
                + shown(list.get(i)));
      }
    }
    return checked;
  }

  /** Some models send a list as the text of its JSON. */
  private static Optional<JsonNode> list(JsonNode value) {
    if (value.isTextual() && value.asText().strip().startsWith("[")) {
      try {
        return Optional.of(Json.parse(value.asText())).filter(JsonNode::isArray);
      } catch (JsonException _) {
        return Optional.empty();
      }
    }
    return Optional.of(value).filter(JsonNode::isArray);
  }

  private static Optional<JsonNode> string(JsonNode value) {
    return value.isTextual()
        ? Optional.of(value)
        : value.isNumber() || value.isBoolean()
            ? Optional.of(TextNode.valueOf(value.asText()))
            : Optional.empty();
  }

  private static Optional<JsonNode> integer(JsonNode value) {
    if (value.isBigInteger()) {
      return Optional.of(value);
    }
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

  private static Optional<JsonNode> number(JsonNode value) {
    if (value.isNumber()) {
      return Optional.of(value);
    }
    return value.isTextual() && value.asText().strip().matches(DECIMAL)
        ? Optional.of(DecimalNode.valueOf(new BigDecimal(value.asText().strip())))
        : Optional.empty();
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
    if (schema.has("enum") && !holds(schema.get("enum"), value)) {
      List<String> words = new ArrayList<>();
      schema.get("enum").forEach(word -> words.add(word.asText()));
      throw new Fault(
          "parameter '"
              + name
              + "' must be one of "
              + String.join(", ", words)
              + ", not "
              + shown(value));
    }
    if (schema.has("minItems")
        && value.isArray()
        && value.size() < schema.get("minItems").asInt()) {
      throw new Fault("parameter '" + name + "' must not be empty");
    }
    if (schema.has("maxItems")
        && value.isArray()
        && value.size() > schema.get("maxItems").asInt()) {
      throw new Fault(
          "parameter '"
              + name
              + "' has "
              + value.size()
              + " entries (max "
              + schema.get("maxItems").asInt()
              + "); make several calls");
    }
    if (!value.isNumber()) {
      return;
    }
    JsonNode minimum = schema.path("minimum");
    if (minimum.isNumber() && value.doubleValue() < minimum.doubleValue()) {
      throw new Fault("parameter '" + name + "' must be at least " + minimum.asText());
    }
    JsonNode maximum = schema.path("maximum");
    if (maximum.isNumber() && value.doubleValue() > maximum.doubleValue()) {
      throw new Fault("parameter '" + name + "' must be at most " + maximum.asText());
    }
  }

  private static boolean holds(JsonNode list, JsonNode value) {
    for (JsonNode entry : list) {
      if (entry.equals(value)) {
        return true;
      }
    }
    return false;
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
