package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message the network has heard of. Guarded by its {@link Ledger}. */
final class Message {
  final ObjectNode envelope;
  final JsonNode content;
  final String heardBy;
  final Instant heardAt;

  /** Why its signature is not its sender's. Kept, because it takes milliseconds to find out. */
  final Optional<String> signatureProblem;

  final List<Message> forgottenBy = new ArrayList<>();
  Status status = Status.PENDING;

  /** Since when {@link #status} is final, or the message processed. */
  Instant since;

  int errorCode;
  @Nullable JsonNode details;
  BigDecimal consumedCredits = BigDecimal.ZERO;

  enum Status {
    PENDING,
    PROCESSED,
    REJECTED,
    FORGOTTEN,
    REMOVING,
    REMOVED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** As publishing answers for a message in this state. */
    int httpStatus() {
      return switch (this) {
        case PROCESSED, REMOVING -> 200;
        case PENDING -> 202;
        case REJECTED -> 422;
        case FORGOTTEN, REMOVED -> 410;
      };
    }
  }

  Message(ObjectNode envelope, JsonNode content, String heardBy, Instant heardAt) {
    this.envelope = envelope;
    this.content = content;
    this.heardBy = heardBy;
    this.heardAt = heardAt;
    this.since = heardAt;
    byte[] buffer =
        String.join("\n", "ETH", sender(), type(), hash()).getBytes(StandardCharsets.UTF_8);
    this.signatureProblem = Wallet.problem(sender(), buffer, envelope.path("signature").asText());
  }

  String hash() {
    return envelope.path("item_hash").asText();
  }

  String sender() {
    return envelope.path("sender").asText();
  }

  String owner() {
    return content.path("address").asText();
  }

  String type() {
    return envelope.path("type").asText();
  }

  String channel() {
    return envelope.path("channel").asText();
  }

  boolean isInstance() {
    return type().equals("INSTANCE");
  }

  /** Whether it is kept and, for an instance, paid for. */
  boolean isBilled() {
    return isInstance() && status == Status.PROCESSED;
  }

  /** As lists show it. */
  ObjectNode listed() {
    ObjectNode json = envelope.deepCopy();
    json.set("content", content);
    json.put("confirmed", false);
    json.put("size", envelope.path("item_content").asText().length());
    json.set("confirmations", Json.array());
    return json;
  }
}
