package ai.liberclaw.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Holds JSON against the schemas of the API's description: the keywords that it uses, and no field
 * that it does not name.
 */
final class SchemaCheck {
  private final JsonNode document;

  SchemaCheck(JsonNode document) {
    this.document = document;
  }

  /** What is wrong, each with its place; empty when the value fits. */
  List<String> faults(JsonNode schema, JsonNode value) {
    List<String> faults = new ArrayList<>();
    check(schema, value, "$", faults);
    return faults;
  }

  /** Follows a {@code $ref}, if it is one. */
  JsonNode resolve(JsonNode node) {
    JsonNode reference = node.path("$ref");
    if (!reference.isTextual()) {
      return node;
    }
    JsonNode target = document.at(reference.textValue().substring(1));
    if (target.isMissingNode()) {
      throw new AssertionError("nothing at " + reference.textValue());
    }
    return resolve(target);
  }

  private void check(JsonNode written, JsonNode value, String at, List<String> faults) {
    JsonNode schema = resolve(written);
    if (schema.has("anyOf")) {
      for (JsonNode choice : schema.get("anyOf")) {
        if (faults(choice, value).isEmpty()) {
          return;
        }
      }
      faults.add(at + " fits none of its choices: " + value);
      return;
    }
    if (schema.has("const") && !schema.get("const").equals(value)) {
      faults.add(at + " should be " + schema.get("const") + ": " + value);
    }
    if (schema.has("enum") && !contains(schema.get("enum"), value)) {
      faults.add(at + " is none of " + schema.get("enum") + ": " + value);
    }
    if (schema.has("type") && !hasType(schema.get("type"), value)) {
      faults.add(at + " should be " + schema.get("type") + ": " + value);
      return;
    }
    if (value.isObject()) {
      checkObject(schema, value, at, faults);
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(schema.path("items"), value.get(i), at + "[" + i + "]", faults);
      }
    } else if (value.isTextual() && !hasFormat(schema.path("format").asText(), value.textValue())) {
      faults.add(at + " is no " + schema.path("format").asText() + ": " + value);
    }
  }

  private void checkObject(JsonNode schema, JsonNode value, String at, List<String> faults) {
    for (JsonNode name : schema.path("required")) {
      if (!value.has(name.textValue())) {
        faults.add(at + " lacks " + name.textValue());
      }
    }
    JsonNode others = schema.path("additionalProperties");
    value
        .properties()
        .forEach(field -> {
          String place = at + "." + field.getKey();
          JsonNode known = schema.path("properties").path(field.getKey());
          if (!known.isMissingNode()) {
            check(known, field.getValue(), place, faults);
          } else if (others.isObject()) {
            check(others, field.getValue(), place, faults);
          } else if (schema.has("properties") && !others.asBoolean(false)) {
            faults.add(place + " is not described");
          }
        });
  }

  private static boolean contains(JsonNode choices, JsonNode value) {
    for (JsonNode choice : choices) {
      if (choice.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasType(JsonNode types, JsonNode value) {
    if (types.isArray()) {
      for (JsonNode type : types) {
        if (hasType(type, value)) {
          return true;
        }
      }
      return false;
    }
    return switch (types.asText()) {
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "array" -> value.isArray();
      case "object" -> value.isObject();
      case "null" -> value.isNull();
      default -> throw new AssertionError("no type " + types);
    };
  }

  private static boolean hasFormat(String format, String text) {
    try {
      switch (format) {
        case "uuid" -> {
          return UUID.fromString(text).toString().equals(text);
        }
        case "date-time" -> OffsetDateTime.parse(text);
        case "date" -> LocalDate.parse(text);
        default -> {}
      }
      return true;
    } catch (DateTimeParseException | IllegalArgumentException _) {
      return false;
    }
  }
}
