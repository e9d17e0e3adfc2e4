package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A tool of a server. It counts as one that changes things: what a server says of its own
 * harmlessness is no more than its word.
 */
final class McpTool implements Tool {
  private final McpServer server;
  private final String remoteName;
  private final ToolDefinition definition;

  /**
   * @param remoteName as the server calls it
   */
  McpTool(McpServer server, String remoteName, ToolDefinition definition) {
    this.server = server;
    this.remoteName = remoteName;
    this.definition = definition;
  }

  @Override
  public ToolDefinition definition() {
    return definition;
  }

  @Override
  public boolean imageAware() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) throws InterruptedException {
    return server.call(remoteName, arguments);
  }
}
