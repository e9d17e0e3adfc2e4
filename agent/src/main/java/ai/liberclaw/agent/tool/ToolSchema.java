package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Builds a tool's definition; parameters keep their order, so its JSON never changes. */
public final class ToolSchema {
  private final String name;
  private final String description;
  private final ObjectNode properties = Json.object();
  private final ArrayNode required = Json.array();

  private ToolSchema(String name, String description) {
    this.name = name;
    this.description = description;
  }

  public static ToolSchema of(String name, String description) {
    return new ToolSchema(name, description);
  }

  public ToolSchema required(String parameter, String type, String meaning) {
    required.add(parameter);
    return optional(parameter, type, meaning);
  }

  public ToolSchema optional(String parameter, String type, String meaning) {
    properties.putObject(parameter).put("type", type).put("description", meaning);
    return this;
  }

  public ToolSchema integer(String parameter, int min, int max, int byDefault, String meaning) {
    properties
        .putObject(parameter)
        .put("type", "integer")
        .put("description", meaning)
        .put("minimum", min)
        .put("maximum", max)
        .put("default", byDefault);
    return this;
  }

  public ToolSchema integer(String parameter, int min, String meaning) {
    properties
        .putObject(parameter)
        .put("type", "integer")
        .put("description", meaning)
        .put("minimum", min);
    return this;
  }

  /** One of these words. */
  public ToolSchema choice(String parameter, List<String> words, String meaning) {
    ArrayNode values =
        properties
            .putObject(parameter)
            .put("type", "string")
            .put("description", meaning)
            .putArray("enum");
    words.forEach(values::add);
    return this;
  }

  /** The parameter that was named last must be there. */
  public ToolSchema required() {
    List<String> names = new ArrayList<>();
    properties.fieldNames().forEachRemaining(names::add);
    required.add(names.getLast());
    return this;
  }

  /** A list whose entries are all of this schema. */
  ToolSchema list(String parameter, ObjectNode items, int max, String meaning) {
    properties
        .putObject(parameter)
        .put("type", "array")
        .put("description", meaning)
        .put("minItems", 1)
        .put("maxItems", max)
        .set("items", items);
    return this;
  }

  /** The schema alone, for the entries of a list. */
  ObjectNode parameters() {
    return definition().parameters();
  }

  public ToolDefinition definition() {
    ObjectNode schema = Json.object().put("type", "object");
    schema.set("properties", properties);
    schema.set("required", required);
    return new ToolDefinition(name, description, schema);
  }
}
