package ai.liberclaw.agent.chat;

import ai.liberclaw.agent.image.ImageRefusal;
import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.ContentBlocks;
import ai.liberclaw.agent.model.Image;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Invalid.Fault;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A message that is a list of content blocks: text, and pictures as {@code data:} addresses. */
final class MessageBlocks {
  /** Pictures of one message. */
  static final int IMAGES_MAX = 10;

  /** Blocks of one message. */
  static final int BLOCKS_MAX = 100;

  private static final String NAME = "message";

  private MessageBlocks() {}

  /** What is wrong with the list, without looking at its pictures; nothing when it is fine. */
  static List<Fault> faults(JsonNode blocks) {
    List<Fault> faults = new ArrayList<>();
    if (blocks.size() > BLOCKS_MAX) {
      return List.of(fault(List.of(), "too_long", "At most " + BLOCKS_MAX + " blocks"));
    }
    int images = 0;
    int texts = 0;
    long length = 0;
    boolean blank = true;
    for (int i = 0; i < blocks.size(); i++) {
      JsonNode block = blocks.get(i);
      switch (block.path("type").asText()) {
        case ContentBlocks.TEXT -> {
          Optional<String> text = text(block.path("text"));
          if (text.isEmpty()) {
            faults.add(
                fault(
                    List.of(i, "text"),
                    "string_type",
                    "Input should be a valid string without NUL or unpaired surrogates"));
          }
          texts++;
          length += text.map(t -> t.codePointCount(0, t.length())).orElse(0);
          blank &= text.filter(t -> !t.isBlank()).isEmpty();
        }
        case ContentBlocks.IMAGE -> {
          images++;
          if (ContentBlocks.image(block).isEmpty()) {
            faults.add(
                fault(
                    List.of(i, ContentBlocks.IMAGE, "url"),
                    "value_error",
                    "Must be data:<image type>;base64,<standard base64>; other addresses are not"
                        + " fetched"));
          }
        }
        default ->
            faults.add(fault(List.of(i, "type"), "literal_error", "Must be 'text' or 'image_url'"));
      }
    }
    if (texts == 0) {
      faults.add(fault(List.of(), "value_error", "At least one text block is needed"));
    } else if (blank && faults.isEmpty()) {
      faults.add(fault(List.of(), "value_error", "Message must not be blank"));
    }
    if (images > IMAGES_MAX) {
      faults.add(fault(List.of(), "too_long", "At most " + IMAGES_MAX + " images"));
    }
    if (length > ChatRequest.MESSAGE_LENGTH_MAX) {
      faults.add(
          fault(
              List.of(),
              "string_too_long",
              "Texts should have at most " + ChatRequest.MESSAGE_LENGTH_MAX + " characters"));
    }
    return faults;
  }

  /**
   * The message as it is stored: compact JSON, its pictures made fit for models.
   *
   * @param blocks without faults
   * @throws Invalid naming the pictures that cannot be shown, and why
   */
  static String stored(JsonNode blocks) throws InterruptedException {
    ArrayNode stored = Json.array();
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      JsonNode block = blocks.get(i);
      Optional<Image> image = ContentBlocks.image(block);
      if (image.isEmpty()) {
        stored.addObject().put("type", ContentBlocks.TEXT).put("text", block.path("text").asText());
        continue;
      }
      try {
        byte[] bytes = Base64.getDecoder().decode(image.get().base64());
        ContentBlocks.add(stored, Images.of(bytes, image.get().mediaType()));
      } catch (ImageRefusal | IllegalArgumentException e) {
        String reason = e instanceof ImageRefusal ? String.valueOf(e.getMessage()) : "not base64";
        faults.add(
            fault(
                List.of(i, ContentBlocks.IMAGE, "url"),
                "value_error",
                "This image cannot be shown: " + reason));
      }
    }
    if (!faults.isEmpty()) {
      throw new Invalid(faults);
    }
    return Json.write(stored);
  }

  private static Optional<String> text(JsonNode value) {
    return Optional.of(value)
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .filter(text -> text.indexOf('\0') < 0)
        .filter(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
  }

  private static Fault fault(List<Object> where, String type, String message) {
    List<Object> location = new ArrayList<>(List.of("body", NAME));
    location.addAll(where);
    return Fault.of(type, location, message);
  }
}
