package ai.liberclaw.agent.model;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One answer of the Messages API while it comes in: events of a stream, or one whole message. Kinds
 * of events, blocks and deltas that are not known are ignored, thinking above all.
 */
final class AnthropicAnswer implements Wire.Answer {
  private final VisibleText text;
  private final ToolCallDeltas calls = new ToolCallDeltas();
  private @Nullable Integer input;
  private @Nullable Integer cacheWritten;
  private @Nullable Integer cacheRead;
  private @Nullable Integer output;
  private @Nullable String error;
  private String stopReason = "";
  private boolean over;

  AnthropicAnswer(ReplyListener listener) {
    this.text = new VisibleText(listener);
  }

  @Override
  public void add(byte[] utf8, int length, boolean whole) throws IOException {
    ObjectNode event = JsonText.object(utf8, length);
    switch (event.path("type").asText()) {
      case "message" -> {
        JsonNode content = event.path("content");
        for (int i = 0; i < content.size(); i++) {
          begin(i, content.get(i));
        }
        stopped(event);
        usage(event.path("usage"));
        over = true;
      }
      case "message_start" -> usage(event.path("message").path("usage"));
      case "content_block_start" -> begin(event.path("index").asInt(), event.path("content_block"));
      case "content_block_delta" -> delta(event.path("index").asInt(), event.path("delta"));
      case "message_delta" -> {
        stopped(event.path("delta"));
        usage(event.path("usage"));
      }
      case "message_stop" -> over = true;
      case "error" -> error = Json.write(event.path("error"));
      default -> {
        // ping, content_block_stop, and what is yet to be invented.
      }
    }
  }

  @Override
  public Optional<String> error() {
    return Optional.ofNullable(error);
  }

  @Override
  public boolean isFinished() {
    return over || !stopReason.isEmpty();
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public Reply finish() throws Failure {
    if (stopReason.equals("refusal")) {
      throw Failure.declined();
    }
    boolean lengthReached =
        stopReason.equals("max_tokens") || stopReason.equals("model_context_window_exceeded");
    return new Reply(text.finish(), calls.finish(lengthReached), usage());
  }

  private void begin(int index, JsonNode block) {
    switch (block.path("type").asText()) {
      case "text" -> text.append(block.path("text").asText());
      case "tool_use" -> {
        ToolCallDeltas.Fragment fragment = new ToolCallDeltas.Fragment();
        fragment.index = index;
        fragment.id = block.path("id").asText();
        fragment.name = block.path("name").asText();
        // In a stream it is empty here, and comes in pieces.
        JsonNode whole = block.path("input");
        fragment.arguments = whole.isEmpty() ? "" : Json.write(whole);
        calls.add(fragment, false);
      }
      default -> {
        // Thinking, or what only a provider's own tools make.
      }
    }
  }

  private void delta(int index, JsonNode delta) {
    switch (delta.path("type").asText()) {
      case "text_delta" -> text.append(delta.path("text").asText());
      case "input_json_delta" -> {
        ToolCallDeltas.Fragment fragment = new ToolCallDeltas.Fragment();
        fragment.index = index;
        fragment.arguments = delta.path("partial_json").asText();
        calls.add(fragment, false);
      }
      default -> {
        // thinking_delta, signature_delta, citations_delta.
      }
    }
  }

  private void stopped(JsonNode holder) {
    JsonNode reason = holder.path("stop_reason");
    if (reason.isTextual()) {
      stopReason = reason.textValue();
    }
  }

  private void usage(JsonNode usage) {
    input = newest(usage, "input_tokens", input);
    cacheWritten = newest(usage, "cache_creation_input_tokens", cacheWritten);
    cacheRead = newest(usage, "cache_read_input_tokens", cacheRead);
    output = newest(usage, "output_tokens", output);
  }

  private static @Nullable Integer newest(JsonNode usage, String name, @Nullable Integer before) {
    JsonNode value = usage.path(name);
    return value.isIntegralNumber() && value.canConvertToInt()
        ? Integer.valueOf(value.intValue())
        : before;
  }

  /** What was read from the cache, or written to it, is not among the API's input tokens. */
  private Usage usage() {
    if (input == null) {
      return new Usage(null, cacheRead, output);
    }
    int prompt =
        input + (cacheWritten == null ? 0 : cacheWritten) + (cacheRead == null ? 0 : cacheRead);
    return new Usage(prompt, cacheRead, output);
  }
}
