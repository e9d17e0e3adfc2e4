package ai.liberclaw.agent.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A user's message with pictures: a list of OpenAI's content blocks, kept as JSON text where plain
 * messages are text. Text that is not exclusively well-formed blocks is just text.
 */
public final class ContentBlocks {
  public static final String TEXT = "text";
  public static final String IMAGE = "image_url";

  private static final Pattern DATA_URL =
      Pattern.compile("data:(image/[a-zA-Z0-9.+-]{1,50});base64,([A-Za-z0-9+/]+={0,2})");

  private ContentBlocks() {}

  /** The blocks that a stored message is; empty when it is plain text. */
  public static Optional<ArrayNode> read(String stored) {
    if (!stored.startsWith("[{")) {
      return Optional.empty();
    }
    JsonNode json;
    try {
      json = Json.parse(stored);
    } catch (JsonException _) {
      return Optional.empty();
    }
    if (!(json instanceof ArrayNode blocks) || blocks.isEmpty()) {
      return Optional.empty();
    }
    for (JsonNode block : blocks) {
      boolean known =
          switch (block.path("type").asText()) {
            case TEXT -> block.path("text").isTextual();
            case IMAGE -> image(block).isPresent();
            default -> false;
          };
      if (!known) {
        return Optional.empty();
      }
    }
    return Optional.of(blocks);
  }

  /**
   * A stored message as a model is told it.
   *
   * @param descriptions of its pictures, in their order; empty text or none for those without
   */
  public static Message.User message(String stored, List<String> descriptions) {
    Optional<ArrayNode> blocks = read(stored);
    if (blocks.isEmpty()) {
      return new Message.User(stored);
    }
    List<Image> images = new ArrayList<>();
    for (JsonNode block : blocks.get()) {
      Optional<Image> image = image(block);
      if (image.isPresent()) {
        String words = images.size() < descriptions.size() ? descriptions.get(images.size()) : "";
        images.add(new Image(image.get().mediaType(), image.get().base64(), words));
      }
    }
    return new Message.User(text(blocks.get()), images);
  }

  /** What people are shown of a stored message: its text. */
  public static String text(String stored) {
    return read(stored).map(ContentBlocks::text).orElse(stored);
  }

  /** What clients are told of a stored message: its text, or its blocks. */
  public static JsonNode shown(String stored) {
    Optional<ArrayNode> blocks = read(stored);
    return blocks.isPresent() ? blocks.get() : TextNode.valueOf(stored);
  }

  /** The picture of a block; empty when it is no such block, or not well-formed. */
  public static Optional<Image> image(JsonNode block) {
    if (!block.path("type").asText().equals(IMAGE)) {
      return Optional.empty();
    }
    Matcher url = DATA_URL.matcher(block.path(IMAGE).path("url").asText());
    return url.matches() ? Optional.of(new Image(url.group(1), url.group(2))) : Optional.empty();
  }

  /** Adds a picture. */
  public static void add(ArrayNode blocks, Image image) {
    blocks.addObject().put("type", IMAGE).putObject(IMAGE).put("url", image.dataUrl());
  }

  private static String text(ArrayNode blocks) {
    List<String> texts = new ArrayList<>();
    for (JsonNode block : blocks) {
      if (block.path("type").asText().equals(TEXT)) {
        texts.add(block.path("text").asText());
      }
    }
    return String.join("\n", texts);
  }
}
