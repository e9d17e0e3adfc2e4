package ai.liberclaw.agent.tool;

import java.util.Optional;

/**
 * What the model is told about a call, and what the call has for the user.
 *
 * @param file set by a tool that sends a file; no text of a result can stand for it
 */
public record ToolResult(String content, boolean isError, Optional<SentFile> file) {
  public static ToolResult text(String content) {
    return new ToolResult(content, false, Optional.empty());
  }

  /** {@code [error: <reason>]}. */
  public static ToolResult error(String reason) {
    return new ToolResult("[error: " + reason + "]", true, Optional.empty());
  }

  /** {@code [blocked: <reason>]}: a rule stands against the call. */
  public static ToolResult blocked(String reason) {
    return new ToolResult("[blocked: " + reason + "]", true, Optional.empty());
  }

  public static ToolResult file(String content, SentFile file) {
    return new ToolResult(content, false, Optional.of(file));
  }
}
