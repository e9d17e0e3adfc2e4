package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

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

  public ToolDefinition definition() {
    ObjectNode schema = Json.object().put("type", "object");
    schema.set("properties", properties);
    schema.set("required", required);
    return new ToolDefinition(name, description, schema);
  }
}
