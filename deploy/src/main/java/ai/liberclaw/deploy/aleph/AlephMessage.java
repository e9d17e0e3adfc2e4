package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.secret.Secrets;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;

/**
 * A signed message. Its hash is known before anybody has seen it, and sending the same text again
 * is the same message.
 *
 * @param hash 64 lower-case hexadecimal digits: SHA-256 of the content as it is sent
 * @param text the envelope as it is sent and kept
 */
public record AlephMessage(Type type, String hash, String text) {
  /** Characters a content may have to travel inside its message; ours have about a thousand. */
  static final int CONTENT_LENGTH_MAX = 50_000;

  private static final String CHAIN = "ETH";

  /** What a message does. */
  public enum Type {
    INSTANCE,
    FORGET,
    AGGREGATE
  }

  /**
   * Signs a content.
   *
   * @param channel where the network files it, ≤ 128 characters
   * @param time of signing, of which the content carries its own copy
   */
  public static AlephMessage sign(
      AlephWallet wallet, Type type, String channel, ObjectNode content, Instant time) {
    String itemContent = AlephJson.write(content);
    if (itemContent.length() >= CONTENT_LENGTH_MAX) {
      throw new IllegalArgumentException(
          "content of " + itemContent.length() + " characters, at most " + CONTENT_LENGTH_MAX);
    }
    String hash = Secrets.sha256Hex(itemContent);
    ObjectNode envelope = envelope(wallet.address(), type, channel, itemContent, hash);
    envelope.put("signature", wallet.sign(signed(wallet.address(), type, hash)));
    envelope.put("time", AlephJson.time(time));
    return new AlephMessage(type, hash, AlephJson.write(envelope));
  }

  /**
   * Reads a kept message.
   *
   * @throws IllegalArgumentException when its hash is not its content's
   */
  public static AlephMessage parse(String text) {
    JsonNode envelope;
    try {
      envelope = Json.parse(text);
    } catch (JsonException e) {
      throw new IllegalArgumentException("not a message", e);
    }
    String hash = envelope.path("item_hash").asText();
    if (!hash.equals(Secrets.sha256Hex(envelope.path("item_content").asText()))) {
      throw new IllegalArgumentException("the content is not that of the hash");
    }
    Type type = Type.valueOf(envelope.path("type").asText().toUpperCase(Locale.ROOT));
    return new AlephMessage(type, hash, text);
  }

  /** What a signature of a message covers. */
  static String signed(String sender, Type type, String hash) {
    return CHAIN + "\n" + sender + "\n" + type.name() + "\n" + hash;
  }

  /** The envelope of a content that nobody has signed, for asking what it would cost. */
  static ObjectNode unsigned(
      String sender, Type type, String channel, ObjectNode content, Instant time) {
    String itemContent = AlephJson.write(content);
    return envelope(sender, type, channel, itemContent, Secrets.sha256Hex(itemContent))
        .put("signature", "0x" + "0".repeat(130))
        .put("time", AlephJson.time(time));
  }

  /** The content. */
  public JsonNode content() {
    return Json.parse(Json.parse(text).path("item_content").asText());
  }

  private static ObjectNode envelope(
      String sender, Type type, String channel, String itemContent, String hash) {
    return Json.object()
        .put("sender", sender)
        .put("chain", CHAIN)
        .put("type", type.name())
        .put("item_type", "inline")
        .put("item_content", itemContent)
        .put("item_hash", hash)
        .put("channel", channel);
  }
}
