package ai.liberclaw.core.web;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Invalid.Fault;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The fields of a JSON body. Each look-up checks one; {@link #check} then reports all faults at
 * once. Unknown fields are ignored, an explicit null counts as absent. Lengths are in Unicode code
 * points. U+0000 and lone surrogates are refused in every string.
 */
public final class Fields {
  private static final Set<String> SECRET =
      Set.of(
          "token",
          "code",
          "refresh_token",
          "key",
          "id_token",
          "identity_token",
          "signature",
          "secret",
          "password");

  private final JsonNode body;
  private final List<Fault> faults = new ArrayList<>();

  private Fields(JsonNode body) {
    this.body = body;
  }

  /**
   * @throws Invalid when the body is not an object
   */
  public static Fields of(JsonNode body) {
    if (!body.isObject()) {
      throw notAnObject();
    }
    return new Fields(body);
  }

  static Invalid notAnObject() {
    return new Invalid(
        Fault.of(
            "model_attributes_type",
            List.of("body"),
            "Input should be a valid dictionary or object to extract fields from"));
  }

  /** A required string; empty text stands in for a faulty one until {@link #check}. */
  public String text(String name, int min, int max) {
    JsonNode value = body.get(name);
    if (value == null) {
      faults.add(Fault.of("missing", List.of("body", name), "Field required"));
      return "";
    }
    return string(name, value, min, max).orElse("");
  }

  /** A string that may be absent or null. */
  public Optional<String> optionalText(String name, int min, int max) {
    return present(name).flatMap(value -> string(name, value, min, max));
  }

  /** A string that must match a pattern as a whole, shown in the message by its own text. */
  public Optional<String> optionalText(String name, Pattern pattern) {
    Optional<String> text = optionalText(name, 0, Integer.MAX_VALUE);
    if (text.isPresent() && !pattern.matcher(text.get()).matches()) {
      faults.add(
          new Fault(
              "string_pattern_mismatch",
              List.of("body", name),
              "String should match pattern '" + pattern + "'",
              echo(name),
              Json.object().put("pattern", pattern.pattern())));
      return Optional.empty();
    }
    return text;
  }

  /** True or false, also as the words and numbers that clients of the original may send. */
  public boolean flag(String name, boolean defaultValue) {
    return optionalFlag(name).orElse(defaultValue);
  }

  /** True, false, or absent. */
  public Optional<Boolean> optionalFlag(String name) {
    Optional<JsonNode> value = present(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode node = value.get();
    if (node.isBoolean()) {
      return Optional.of(node.booleanValue());
    }
    Optional<Boolean> read =
        node.isTextual() || node.isIntegralNumber()
            ? switch (node.asText().toLowerCase(Locale.ROOT)) {
              case "true", "1", "yes", "on" -> Optional.of(true);
              case "false", "0", "no", "off" -> Optional.of(false);
              default -> Optional.empty();
            }
            : Optional.empty();
    if (read.isEmpty()) {
      fault(
          name,
          "bool_parsing",
          "Input should be a valid boolean, unable to interpret input",
          Json.object());
    }
    return read;
  }

  /** A list of strings that may be absent or null. */
  public Optional<List<String>> optionalTexts(String name, int countMax, int lengthMax) {
    Optional<JsonNode> value = present(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!value.get().isArray()) {
      fault(name, "list_type", "Input should be a valid list", Json.object());
      return Optional.empty();
    }
    if (value.get().size() > countMax) {
      fault(
          name,
          "too_long",
          "List should have at most " + countMax + " items",
          Json.object().put("max_length", countMax));
      return Optional.empty();
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < value.get().size(); i++) {
      string(List.of("body", name, i), name, value.get().get(i), 0, lengthMax)
          .ifPresent(texts::add);
    }
    return Optional.of(texts);
  }

  /** A required list of strings; an empty one stands in for a faulty one until {@link #check}. */
  public List<String> texts(String name, int countMin, int countMax, int lengthMax) {
    JsonNode value = body.get(name);
    if (value == null) {
      faults.add(Fault.of("missing", List.of("body", name), "Field required"));
      return List.of();
    }
    if (value.isNull()) {
      fault(name, "list_type", "Input should be a valid list", Json.object());
      return List.of();
    }
    if (value.isArray() && value.size() < countMin) {
      fault(
          name,
          "too_short",
          "List should have at least " + countMin + (countMin == 1 ? " item" : " items"),
          Json.object().put("min_length", countMin));
      return List.of();
    }
    return optionalTexts(name, countMax, lengthMax).orElse(List.of());
  }

  /** A whole number within bounds, both included, that may be absent or null. */
  public Optional<Long> optionalInteger(String name, long min, long max) {
    Optional<JsonNode> value = present(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode node = value.get();
    if (!node.isIntegralNumber()) {
      fault(name, "int_type", "Input should be a valid integer", Json.object());
      return Optional.empty();
    }
    // A number too large for a long is on the side of its sign.
    boolean fits = node.canConvertToLong();
    boolean negative = node.bigIntegerValue().signum() < 0;
    if (fits ? node.longValue() < min : negative) {
      fault(
          name,
          "greater_than_equal",
          "Input should be greater than or equal to " + min,
          Json.object().put("ge", min));
      return Optional.empty();
    }
    if (!fits || node.longValue() > max) {
      fault(
          name,
          "less_than_equal",
          "Input should be less than or equal to " + max,
          Json.object().put("le", max));
      return Optional.empty();
    }
    return Optional.of(node.longValue());
  }

  /** The field as it is; empty when absent or null. */
  public Optional<JsonNode> present(String name) {
    return Optional.ofNullable(body.get(name)).filter(value -> !value.isNull());
  }

  /** The whole body as it was sent. */
  public JsonNode json() {
    return body;
  }

  /** True when the field was sent, also as null. */
  public boolean has(String name) {
    return body.has(name);
  }

  /** Adds a fault of this field; the input is echoed unless it is a secret. */
  public void fault(String name, String type, String message, ObjectNode context) {
    faults.add(new Fault(type, List.of("body", name), message, echo(name), context));
  }

  /** Adds a fault that was found elsewhere. */
  public void fault(Fault fault) {
    faults.add(fault);
  }

  /**
   * Ends the checking.
   *
   * @throws Invalid with all faults found
   */
  public void check() {
    if (!faults.isEmpty()) {
      throw new Invalid(faults);
    }
  }

  private Optional<String> string(String name, JsonNode value, int min, int max) {
    return string(List.of("body", name), name, value, min, max);
  }

  private Optional<String> string(
      List<Object> location, String name, JsonNode value, int min, int max) {
    JsonNode input = SECRET.contains(name) ? NullNode.getInstance() : value;
    if (!value.isTextual()) {
      faults.add(
          new Fault(
              "string_type", location, "Input should be a valid string", input, Json.object()));
      return Optional.empty();
    }
    String text = value.textValue();
    if (!storable(text)) {
      faults.add(
          new Fault(
              "string_unicode",
              location,
              "Input should be a valid string without NUL or unpaired surrogates",
              NullNode.getInstance(),
              Json.object()));
      return Optional.empty();
    }
    int length = text.codePointCount(0, text.length());
    if (length < min) {
      faults.add(
          new Fault(
              "string_too_short",
              location,
              "String should have at least " + min + (min == 1 ? " character" : " characters"),
              input,
              Json.object().put("min_length", min)));
      return Optional.empty();
    }
    if (length > max) {
      faults.add(
          new Fault(
              "string_too_long",
              location,
              "String should have at most " + max + (max == 1 ? " character" : " characters"),
              input,
              Json.object().put("max_length", max)));
      return Optional.empty();
    }
    return Optional.of(text);
  }

  /** False for text that no database or UTF-8 stream takes. */
  private static boolean storable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isLowSurrogate(c)) {
        return false;
      }
      if (Character.isHighSurrogate(c)
          && (++i == text.length() || !Character.isLowSurrogate(text.charAt(i)))) {
        return false;
      }
    }
    return true;
  }

  private JsonNode echo(String name) {
    JsonNode value = body.get(name);
    return value == null || SECRET.contains(name) ? NullNode.getInstance() : value;
  }
}
