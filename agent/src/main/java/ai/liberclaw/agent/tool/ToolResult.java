package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.Image;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * What the model is told about a call, and what the call has for the user.
 *
 * @param file set by a tool that sends a file; no text of a result can stand for it
 * @param images shown to the model after the results of the round; never stored
 * @param metadata small facts for readers of events, such as {@code exit_code}; may be empty
 */
public record ToolResult(
    String content,
    boolean isError,
    Optional<SentFile> file,
    List<Image> images,
    ObjectNode metadata) {
  public ToolResult {
    images = List.copyOf(images);
  }

  public static ToolResult text(String content) {
    return of(content, false);
  }

  /** A result whose text is final: nothing is put around it. */
  public static ToolResult of(String content, boolean isError) {
    return new ToolResult(content, isError, Optional.empty(), List.of(), Json.object());
  }

  /** {@code [error: <reason>]}. */
  public static ToolResult error(String reason) {
    return of("[error: " + reason + "]", true);
  }

  /** {@code [blocked: <reason>]}: a rule stands against the call. */
  public static ToolResult blocked(String reason) {
    return of("[blocked: " + reason + "]", true);
  }

  public static ToolResult file(String content, SentFile file) {
    return new ToolResult(content, false, Optional.of(file), List.of(), Json.object());
  }

  /** The same with other text. */
  public ToolResult withContent(String text) {
    return new ToolResult(text, isError, file, images, metadata);
  }

  /** The same with pictures for the model. */
  public ToolResult withImages(List<Image> shown) {
    return new ToolResult(content, isError, file, shown, metadata);
  }

  /** The same with facts for readers of events. */
  public ToolResult withMetadata(ObjectNode facts) {
    return new ToolResult(content, isError, file, images, facts);
  }
}
