package ai.liberclaw.core.error;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;

/** Input of the wrong shape (HTTP 422), with every fault found, in FastAPI's wire form. */
public final class Invalid extends RuntimeException {
  /** Code points of a rejected string that are echoed. */
  public static final int INPUT_LENGTH_MAX = 200;

  private final List<Fault> faults;

  public Invalid(List<Fault> faults) {
    super("invalid input", null, false, false);
    if (faults.isEmpty()) {
      throw new IllegalArgumentException("an invalid input has at least one fault");
    }
    this.faults = List.copyOf(faults);
  }

  public Invalid(Fault fault) {
    this(List.of(fault));
  }

  public List<Fault> faults() {
    return faults;
  }

  /** {@code {"detail":[{"type","loc","msg","input","ctx"?}…]}}. */
  public ObjectNode body() {
    ObjectNode body = Json.object();
    ArrayNode detail = body.putArray("detail");
    faults.forEach(fault -> detail.add(fault.json()));
    return body;
  }

  /**
   * One fault.
   *
   * @param type machine word, such as {@code string_too_short}
   * @param location where: {@code body}, {@code query} or {@code path}, then names and indexes
   * @param message English sentence, shown to people as it is
   * @param input what was sent; null node where it must not be echoed
   * @param context numbers the message speaks of; empty when there are none
   */
  public record Fault(
      String type, List<Object> location, String message, JsonNode input, ObjectNode context) {
    public Fault {
      location = List.copyOf(location);
    }

    public static Fault of(String type, List<Object> location, String message) {
      return new Fault(type, location, message, NullNode.getInstance(), Json.object());
    }

    private ObjectNode json() {
      ObjectNode json = Json.object().put("type", type);
      ArrayNode loc = json.putArray("loc");
      for (Object step : location) {
        if (step instanceof Number number) {
          loc.add(number.longValue());
        } else {
          loc.add(step.toString());
        }
      }
      json.put("msg", message).set("input", echo(input));
      if (!context.isEmpty()) {
        json.set("ctx", context);
      }
      return json;
    }

    private static JsonNode echo(JsonNode input) {
      if (!input.isTextual()) {
        return input.isValueNode() ? input : input.isArray() ? Json.array() : Json.object();
      }
      String text = input.textValue();
      int end =
          text.codePointCount(0, text.length()) <= INPUT_LENGTH_MAX
              ? text.length()
              : text.offsetByCodePoints(0, INPUT_LENGTH_MAX);
      StringBuilder clean = new StringBuilder(end);
      text.substring(0, end)
          .codePoints()
          // A lone surrogate cannot be written as UTF-8.
          .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
          .forEach(clean::appendCodePoint);
      return TextNode.valueOf(clean.toString());
    }
  }
}
