package ai.liberclaw.agent.model;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One answer of Ollama's chat API while it comes in, a line at a time. Calls come whole, their
 * arguments as an object; what the model thinks comes apart from what it says, and is dropped.
 */
final class OllamaAnswer implements Wire.Answer {
  private final VisibleText text;
  private final ToolCallDeltas calls = new ToolCallDeltas();
  private Usage usage = Usage.unknown();
  private @Nullable String error;
  private boolean lengthReached;
  private boolean over;

  OllamaAnswer(ReplyListener listener) {
    this.text = new VisibleText(listener);
  }

  @Override
  public void add(byte[] utf8, int length, boolean whole) throws IOException {
    ObjectNode line = JsonText.object(utf8, length);
    if (line.has("error")) {
      error = line.path("error").asText();
      return;
    }
    JsonNode message = line.path("message");
    text.append(message.path("content").asText());
    for (JsonNode call : message.path("tool_calls")) {
      calls.add(fragment(call), true);
    }
    if (line.path("done").asBoolean()) {
      over = true;
      lengthReached = line.path("done_reason").asText().equals("length");
      usage = new Usage(count(line, "prompt_eval_count"), null, count(line, "eval_count"));
    }
  }

  @Override
  public Optional<String> error() {
    return Optional.ofNullable(error);
  }

  @Override
  public boolean isFinished() {
    return over;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public Reply finish() {
    return new Reply(text.finish(), calls.finish(lengthReached), usage);
  }

  private static ToolCallDeltas.Fragment fragment(JsonNode call) {
    ToolCallDeltas.Fragment fragment = new ToolCallDeltas.Fragment();
    fragment.id = call.path("id").asText();
    JsonNode function = call.path("function");
    fragment.name = function.path("name").asText();
    JsonNode arguments = function.path("arguments");
    if (arguments.isTextual()) {
      fragment.arguments = arguments.textValue();
    } else if (!arguments.isMissingNode() && !arguments.isNull()) {
      fragment.arguments = Json.write(arguments);
    }
    return fragment;
  }

  private static @Nullable Integer count(JsonNode line, String name) {
    JsonNode value = line.path(name);
    return value.canConvertToInt() && value.isIntegralNumber() ? value.intValue() : null;
  }
}
