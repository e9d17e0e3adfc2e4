package ai.liberclaw.api.web;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.Status;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** JSON that is the same for everybody, kept by caches for five minutes and checked by its tag. */
public final class PublicDocument {
  private static final String CACHE = "public, max-age=300";
  private static final int TAG_BYTES = 16;

  private final byte[] body;
  private final String tag;

  private PublicDocument(byte[] body, String tag) {
    this.body = body;
    this.tag = tag;
  }

  public static PublicDocument of(JsonNode json) {
    byte[] body = Json.writeBytes(json);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      String text = HexFormat.of().formatHex(Arrays.copyOf(hash, TAG_BYTES));
      return new PublicDocument(body, "\"" + text + "\"");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java lacks SHA-256", e);
    }
  }

  /** Sends it, or 304 to a client that has it. */
  public void send(Exchange exchange) {
    exchange.header("ETag", tag).header("Cache-Control", CACHE);
    if (exchange.requestHeader("If-None-Match").filter(this::names).isPresent()) {
      exchange.response().status(Status.NOT_MODIFIED_304).send();
    } else {
      exchange.send(200, "application/json", body);
    }
  }

  /** Compared weakly, as RFC 9110, 13.1.2 has it: a proxy that compresses weakens tags. */
  private boolean names(String tags) {
    return Arrays.stream(tags.split(","))
        .map(String::strip)
        .map(one -> one.startsWith("W/") ? one.substring(2) : one)
        .anyMatch(one -> one.equals("*") || one.equals(tag));
  }
}
