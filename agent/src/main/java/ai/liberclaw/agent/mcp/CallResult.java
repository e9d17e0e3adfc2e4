package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.image.ImageRefusal;
import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Untrusted;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** What a model is shown of the result of {@code tools/call}. */
final class CallResult {
  static final int IMAGES_MAX = 8;

  private static final int URI_LENGTH_MAX = 500;

  private final List<String> texts = new ArrayList<>();
  private final List<Image> images = new ArrayList<>();

  private CallResult() {}

  /**
   * Turns it into text, marked as coming from outside, and pictures.
   *
   * @param source whose words they are
   */
  static ToolResult of(String source, JsonNode result) throws InterruptedException {
    CallResult read = new CallResult();
    for (JsonNode block : result.path("content")) {
      read.add(block);
    }
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

  private void add(JsonNode block) throws InterruptedException {
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

  private void addImage(JsonNode block) throws InterruptedException {
    String type = type(block);
    if (images.size() == IMAGES_MAX) {
      texts.add("[image: " + type + ", not shown: more than " + IMAGES_MAX + " in one result]");
      return;
    }
    try {
      Image image = Images.of(Base64.getDecoder().decode(block.path("data").asText()), type);
      images.add(image);
      texts.add("[image: " + image.mediaType() + "]");
    } catch (IllegalArgumentException _) {
      texts.add("[image: " + type + ", not shown: its data is not base64]");
    } catch (ImageRefusal e) {
      texts.add("[image: " + type + ", not shown: " + e.getMessage() + "]");
    }
  }

  private static String type(JsonNode block) {
    String type = Line.of(block.path("mimeType").asText(""), 100);
    return type.isEmpty() ? "unknown type" : type;
  }

  private static String resource(JsonNode resource) {
    return "[resource: " + Line.of(resource.path("uri").asText(""), URI_LENGTH_MAX) + "]";
  }
}
