package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads what tools a server has, and turns them into what a model is told of them. */
final class ToolList {
  static final int PAGES_MAX = 50;
  static final int TOOLS_MAX = 128;
  static final int DESCRIPTION_LENGTH_MAX = 1024;

  /** Characters the schema of one tool may have: it goes along with every request to a model. */
  static final int SCHEMA_LENGTH_MAX = 32 * 1024;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Logger LOG = System.getLogger(ToolList.class.getName());

  private final String server;
  private final ToolNames names;

  ToolList(String server, ToolNames names) {
    this.server = server;
    this.names = names;
  }

  /**
   * All pages.
   *
   * @param timeout for all of them
   * @return the definitions by the server's own names, in their order: it is the same each time,
   *     whatever order the server has
   */
  SortedMap<String, ToolDefinition> read(Connection connection, Duration timeout)
      throws McpException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    SortedMap<String, JsonNode> found = new TreeMap<>();
    int dropped = 0;
    ObjectNode params = Json.object();
    for (int page = 0; page < PAGES_MAX; page++) {
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      JsonNode result = connection.request("tools/list", params, left);
      for (JsonNode tool : result.path("tools")) {
        boolean usable =
            isUsable(tool)
                && found.size() < TOOLS_MAX
                && found.putIfAbsent(tool.path("name").asText(), tool) == null;
        dropped += usable ? 0 : 1;
      }
      JsonNode next = result.path("nextCursor");
      if (!next.isTextual() || next.asText().isEmpty()) {
        break;
      }
      params = Json.object().put("cursor", next.asText());
    }
    if (dropped > 0) {
      LOG.log(Level.WARNING, "mcp.tools_dropped server={0} count={1}", server, dropped);
    }
    SortedMap<String, ToolDefinition> tools = new TreeMap<>();
    for (Map.Entry<String, JsonNode> tool : found.entrySet()) {
      tools.put(tool.getKey(), definition(tool.getKey(), tool.getValue()));
    }
    return tools;
  }

  private static boolean isUsable(JsonNode tool) {
    return tool.path("name").isTextual()
        && NAME.matcher(tool.path("name").asText()).matches()
        && Json.write(tool.path("inputSchema")).length() <= SCHEMA_LENGTH_MAX;
  }

  private ToolDefinition definition(String name, JsonNode tool) {
    String description = tool.path("description").asText(tool.path("title").asText(""));
    return new ToolDefinition(
        names.name(server, name),
        Line.of("[MCP: " + server + "] " + description, DESCRIPTION_LENGTH_MAX),
        schema(tool.path("inputSchema")));
  }

  /** As it is, but for the two things that model APIs insist on. */
  private static ObjectNode schema(JsonNode given) {
    ObjectNode schema = Json.object().put("type", "object");
    if (given instanceof ObjectNode object) {
      schema.setAll(object);
      schema.put("type", "object");
    }
    if (!schema.path("properties").isObject()) {
      schema.putObject("properties");
    }
    return schema;
  }
}
