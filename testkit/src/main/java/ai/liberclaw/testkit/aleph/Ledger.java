package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * What the network knows: messages, aggregates, credits. Time passes for it when somebody looks.
 * All methods may be called by several threads.
 */
final class Ledger {
  private static final BigDecimal DAY_SECONDS = BigDecimal.valueOf(86_400);

  /** How long a machine nobody pays for may still be saved by new credits. */
  private static final Duration REMOVAL = Duration.ofDays(1);

  private static final int INLINE_CHARS_MAX = 200_000;
  private static final int CHANNEL_MAX = 128;

  private final Map<String, Message> messages = new LinkedHashMap<>();
  private final Map<String, Map<String, ObjectNode>> aggregates = new HashMap<>();
  private final Map<String, BigDecimal> credits = new HashMap<>();
  private final Map<String, Long> images = new HashMap<>();
  private final Queue<Verdict> verdicts = new ArrayDeque<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private Duration ahead = Duration.ZERO;
  private Duration processing = Duration.ZERO;
  private boolean stuck;
  private Instant settled = Instant.now();
  final Prices prices = new Prices();

  /** A rejection decided beforehand. */
  private record Verdict(String type, int code, JsonNode details) {}

  /** The node does not keep it. */
  static final class InvalidMessageFormat extends Exception {
    private static final long serialVersionUID = 1;

    InvalidMessageFormat(String why) {
      super(why);
    }
  }

  synchronized Instant now() {
    return Instant.now().plus(ahead);
  }

  synchronized void advance(Duration time) {
    ahead = ahead.plus(time);
    settle();
  }

  synchronized void processing(Duration time) {
    processing = time;
  }

  synchronized void stuck(boolean newStuck) {
    stuck = newStuck;
  }

  synchronized void rejectNext(String type, int code, JsonNode details) {
    verdicts.add(new Verdict(type, code, details));
  }

  synchronized void image(String hash, long sizeMib) {
    images.put(hash, sizeMib);
  }

  synchronized void grant(String address, BigDecimal amount) {
    settle();
    credits.merge(address, amount, BigDecimal::add);
  }

  synchronized void setCredits(String address, BigDecimal amount) {
    settle();
    credits.put(address, amount);
  }

  synchronized BigDecimal balance(String address) {
    settle();
    return credits.getOrDefault(address, BigDecimal.ZERO);
  }

  /** What a correct client never does. */
  void violation(String what) {
    violations.add(what);
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  synchronized Optional<Message> find(String hash) {
    settle();
    return Optional.ofNullable(messages.get(hash));
  }

  /** In the order in which they were heard. */
  synchronized List<Message> all(Predicate<Message> wanted) {
    settle();
    return messages.values().stream().filter(wanted).toList();
  }

  synchronized ObjectNode aggregate(String address, Set<String> keys) {
    settle();
    ObjectNode data = Json.object();
    aggregates
        .getOrDefault(address, Map.of())
        .forEach((key, value) -> {
          if (keys.isEmpty() || keys.contains(key)) {
            data.set(key, value.deepCopy());
          }
        });
    if (address.equals(Prices.PUBLISHER) && (keys.isEmpty() || keys.contains("pricing"))) {
      data.set("pricing", prices.aggregate());
    }
    return data;
  }

  /** Takes a message; one it has already keeps its state, but a rejected one is tried anew. */
  synchronized Message hear(JsonNode json, String party) throws InvalidMessageFormat {
    settle();
    if (!(json instanceof ObjectNode envelope)) {
      throw invalid("a message is no object");
    }
    String hash = envelope.path("item_hash").asText();
    JsonNode content = checked(envelope, hash);
    Message known = messages.get(hash);
    if (known == null || known.status == Message.Status.REJECTED) {
      known = new Message(envelope.deepCopy(), content, party, now());
      messages.put(hash, known);
      settle();
    }
    return known;
  }

  private JsonNode checked(ObjectNode envelope, String hash) throws InvalidMessageFormat {
    String text = envelope.path("item_content").asText();
    if (!envelope.path("item_type").asText().equals("inline")) {
      throw invalid("item_type is not inline");
    }
    if (text.length() > INLINE_CHARS_MAX
        || envelope.path("channel").asText().length() > CHANNEL_MAX) {
      throw invalid("item_content or channel is too long");
    }
    if (!hash.equals(sha256(text))) {
      throw invalid("item_hash is not the SHA-256 of item_content");
    }
    if (!envelope.path("chain").asText().equals("ETH") || !envelope.path("time").isNumber()) {
      throw invalid("chain is not ETH or time is no number");
    }
    if (!envelope.path("sender").asText().matches("0x[0-9a-fA-F]{40}")) {
      throw invalid("sender is no address");
    }
    try {
      JsonNode content = Json.parse(text);
      Optional<String> problem = ContentRules.problem(envelope.path("type").asText(), content);
      if (problem.isPresent()) {
        throw invalid(problem.get());
      }
      return content;
    } catch (JsonException e) {
      throw invalid("item_content is no JSON");
    }
  }

  private InvalidMessageFormat invalid(String why) {
    violations.add(why);
    return new InvalidMessageFormat(why);
  }

  private void settle() {
    Instant now = Instant.now().plus(ahead);
    charge(now);
    if (stuck) {
      return;
    }
    // A message that waits for another is looked at again after it.
    for (Message message : List.copyOf(messages.values())) {
      if (message.status == Message.Status.PENDING
          && !message.heardAt.plus(processing).isAfter(now)) {
        process(message, now);
      }
    }
  }

  private void charge(Instant now) {
    BigDecimal seconds =
        BigDecimal.valueOf(Duration.between(settled, now).toMillis()).movePointLeft(3);
    settled = now;
    if (seconds.signum() <= 0) {
      return;
    }
    List<Message> billed = messages.values().stream().filter(Message::isBilled).toList();
    for (Message message : billed) {
      BigDecimal cost = prices.perSecond(message.content).multiply(seconds, MathContext.DECIMAL64);
      message.consumedCredits = message.consumedCredits.add(cost);
      credits.merge(message.owner(), cost.negate(), BigDecimal::add);
    }
    for (Message message : messages.values()) {
      boolean covered = credits.getOrDefault(message.owner(), BigDecimal.ZERO).signum() >= 0;
      if (message.isBilled() && !covered) {
        turn(message, Message.Status.REMOVING, now);
      } else if (message.status == Message.Status.REMOVING && covered) {
        turn(message, Message.Status.PROCESSED, now);
      } else if (message.status == Message.Status.REMOVING
          && !message.since.plus(REMOVAL).isAfter(now)) {
        turn(message, Message.Status.REMOVED, now);
      }
    }
  }

  private static void turn(Message message, Message.Status status, Instant now) {
    message.status = status;
    message.since = now;
  }

  private void process(Message message, Instant now) {
    Optional<Verdict> verdict =
        verdicts.stream().filter(v -> v.type().equals(message.type())).findFirst();
    if (verdict.isPresent()) {
      verdicts.remove(verdict.get());
      reject(message, now, verdict.get().code(), verdict.get().details());
      return;
    }
    Optional<String> unsigned = message.signatureProblem;
    if (unsigned.isPresent()) {
      violations.add(unsigned.get());
      reject(message, now, 1, errors(unsigned.get()));
    } else if (!message.owner().equals(message.sender())) {
      violations.add("address is not the sender");
      reject(message, now, 2, errors("permission denied"));
    } else {
      switch (message.type()) {
        case "INSTANCE" -> processInstance(message, now);
        case "FORGET" -> processForget(message, now);
        default -> processAggregate(message, now);
      }
    }
  }

  private void processInstance(Message message, Instant now) {
    JsonNode content = message.content;
    if (!content.at("/payment/type").asText("hold").equals("credit")) {
      reject(message, now, 202, errors("payment method is no longer supported"));
      return;
    }
    Long imageMib = images.get(content.at("/rootfs/parent/ref").asText());
    if (imageMib == null) {
      // Error 301 is retried: it stays pending.
      message.errorCode = 301;
      return;
    }
    if (content.at("/rootfs/size_mib").asLong() < imageMib) {
      reject(message, now, 304, errors("volume too small"));
      return;
    }
    BigDecimal perSecond = prices.perSecond(content);
    for (Message other : messages.values()) {
      if (other.isBilled() && other.owner().equals(message.owner())) {
        perSecond = perSecond.add(prices.perSecond(other.content));
      }
    }
    BigDecimal required = perSecond.multiply(DAY_SECONDS).setScale(0, RoundingMode.CEILING);
    BigDecimal available =
        credits.getOrDefault(message.owner(), BigDecimal.ZERO).setScale(0, RoundingMode.FLOOR);
    if (available.compareTo(required) < 0) {
      ObjectNode details = Json.object();
      details
          .putArray("errors")
          .addObject()
          .put("required_credits", required.toPlainString())
          .put("account_credits", available.toPlainString())
          .put("min_runtime_days", "1");
      reject(message, now, 6, details);
      return;
    }
    accept(message, now);
  }

  private void processForget(Message message, Instant now) {
    JsonNode hashes = message.content.path("hashes");
    if (hashes.isEmpty()) {
      reject(message, now, 500, errors("no target"));
      return;
    }
    List<Message> targets = new ArrayList<>();
    for (JsonNode hash : hashes) {
      Message target = messages.get(hash.asText());
      if (target == null
          || target.status == Message.Status.PENDING
          || target.status == Message.Status.REJECTED) {
        // Error 501 is retried: it stays pending.
        message.errorCode = 501;
        return;
      }
      if (target.type().equals("FORGET")) {
        reject(message, now, 502, errors("a forget cannot be forgotten"));
        return;
      }
      if (!target.owner().equals(message.owner())) {
        reject(message, now, 503, errors("not the owner"));
        return;
      }
      targets.add(target);
    }
    for (Message target : targets) {
      if (target.status != Message.Status.FORGOTTEN) {
        target.status = Message.Status.FORGOTTEN;
        target.since = now;
      }
      target.forgottenBy.add(message);
    }
    accept(message, now);
  }

  private void processAggregate(Message message, Instant now) {
    ObjectNode merged =
        aggregates
            .computeIfAbsent(message.owner(), _ -> new HashMap<>())
            .computeIfAbsent(message.content.path("key").asText(), _ -> Json.object());
    merged.setAll((ObjectNode) message.content.path("content"));
    accept(message, now);
  }

  private static void accept(Message message, Instant now) {
    message.status = Message.Status.PROCESSED;
    message.errorCode = 0;
    message.since = now;
  }

  private static void reject(Message message, Instant now, int code, JsonNode details) {
    message.status = Message.Status.REJECTED;
    message.since = now;
    message.errorCode = code;
    message.details = details;
  }

  private static ObjectNode errors(String text) {
    ObjectNode details = Json.object();
    details.putArray("errors").add(text);
    return details;
  }

  static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
