package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Untrusted;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a model is shown of the result of {@code tools/call}. */
final class CallResult {
  static final int IMAGES_MAX = 8;

  /** Base64 characters of one picture: 4 MiB of it. */
  static final int IMAGE_LENGTH_MAX = 4 << 20;

  private static final Set<String> IMAGE_TYPES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");
  private static final int URI_LENGTH_MAX = 500;

  private final List<String> texts = new ArrayList<>();
  private final List<Image> images = new ArrayList<>();

  private CallResult() {}

  /**
   * Turns it into text, marked as coming from outside, and pictures.
   *
   * @param source whose words they are
   */
  static ToolResult of(String source, JsonNode result) {
    CallResult read = new CallResult();
    result.path("content").forEach(read::add);
    JsonNode structured = result.path("structuredContent");
    if (read.texts.isEmpty() && read.images.isEmpty() && structured.isObject()) {
      read.texts.add(Json.writePretty(structured));
    }
    String text = String.join("\n", read.texts);
    return ToolResult.of(
            text.isBlank() ? "(empty result)" : Untrusted.wrap(source, text),
            result.path("isError").asBoolean())
        .withImages(read.images);
  }

  private void add(JsonNode block) {
    switch (block.path("type").asText()) {
      case "text" -> texts.add(block.path("text").asText());
      case "image" -> addImage(block);
      case "audio" -> texts.add("[audio: " + type(block) + ", not shown]");
      case "resource_link" -> texts.add(resource(block));
      case "resource" -> {
        JsonNode resource = block.path("resource");
        texts.add(resource(resource));
        if (resource.path("text").isTextual()) {
          texts.add(resource.path("text").asText());
        }
      }
      default -> texts.add("[content of another kind, not shown]");
    }
  }

  private void addImage(JsonNode block) {
    String type = type(block);
    String base64 = block.path("data").asText();
    if (!IMAGE_TYPES.contains(type) || !isBase64(base64)) {
      texts.add("[image: " + type + ", not shown: not a PNG, JPEG, GIF or WebP picture]");
    } else if (base64.length() > IMAGE_LENGTH_MAX) {
      texts.add("[image: " + type + ", not shown: larger than " + IMAGE_LENGTH_MAX + " bytes]");
    } else if (images.size() == IMAGES_MAX) {
      texts.add("[image: " + type + ", not shown: more than " + IMAGES_MAX + " in one result]");
    } else {
      images.add(new Image(type, base64));
      texts.add("[image: " + type + "]");
    }
  }

  private static boolean isBase64(String text) {
    return !text.isEmpty()
        && text.length() % 4 == 0
        && text.chars()
            .allMatch(c ->
                (c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z')
                    || (c >= '0' && c <= '9')
                    || c == '+'
                    || c == '/'
                    || c == '=');
  }

  private static String type(JsonNode block) {
    String type = Line.of(block.path("mimeType").asText(""), 100);
    return type.isEmpty() ? "unknown type" : type;
  }

  private static String resource(JsonNode resource) {
    return "[resource: " + Line.of(resource.path("uri").asText(""), URI_LENGTH_MAX) + "]";
  }
}
