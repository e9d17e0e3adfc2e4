package ai.liberclaw.api.agents;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.Status;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Spares a client that asks again and again what it knows already (RFC 9110, 13.1.2). */
final class EntityTag {
  private static final int TAG_BYTES = 16;

  private EntityTag() {}

  /** Sends a body with its tag, or 304 to a client that has it. */
  static void send(Exchange exchange, JsonNode json) {
    byte[] body = Json.writeBytes(json);
    String tag = "\"" + digest(body) + "\"";
    exchange.header("ETag", tag).header("Cache-Control", "private, no-cache");
    boolean known =
        exchange.requestHeader("If-None-Match").filter(header -> lists(header, tag)).isPresent();
    if (known) {
      exchange.response().status(Status.NOT_MODIFIED_304).send();
    } else {
      exchange.send(200, "application/json", body);
    }
  }

  /** A proxy that compresses makes a tag weak. */
  private static boolean lists(String header, String tag) {
    return Arrays.stream(header.split(",", -1))
        .map(String::strip)
        .anyMatch(t -> t.equals("*") || t.equals(tag) || t.equals("W/" + tag));
  }

  private static String digest(byte[] body) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(body);
      return HexFormat.of().formatHex(sum, 0, TAG_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java lacks SHA-256", e);
    }
  }
}
