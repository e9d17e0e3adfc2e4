package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.testkit.aleph.Message.Status;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** A node that keeps messages (CCN). What others heard it hears after its lag. */
public final class MessageNode {
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int PAGE_DEFAULT = 20;
  private static final int PAGE_MAX = 500;
  private static final Set<String> LIST_KEYS =
      Set.of(
          "hashes",
          "addresses",
          "owners",
          "msgTypes",
          "channels",
          "msgStatuses",
          "pagination",
          "page");

  private final Ledger ledger;
  private final Party party;
  private volatile Duration lag;
  private volatile Duration syncMax = Duration.ofSeconds(30);
  private volatile boolean old;

  MessageNode(Ledger ledger, String name, int port, Duration lag) throws IOException {
    this.ledger = ledger;
    this.lag = lag;
    this.party = new Party(name, port, this::answer);
  }

  /** Its server, for faults and what it was asked. */
  public Party server() {
    return party;
  }

  public String origin() {
    return party.origin();
  }

  /** How long after another node heard a message this one hears of it. */
  public MessageNode lag(Duration newLag) {
    lag = newLag;
    return this;
  }

  /** How long publishing with {@code sync} waits; 30 s unless told. */
  public MessageNode syncMax(Duration time) {
    syncMax = time;
    return this;
  }

  /** Publishes only by the way of old nodes. */
  public MessageNode old(boolean newOld) {
    old = newOld;
    return this;
  }

  private Reply answer(Request request) throws InterruptedException {
    String path = request.path();
    if (request.method().equals("POST")) {
      return switch (path) {
        case "/api/v0/messages" -> old ? Reply.text(405, "Method Not Allowed") : publish(request);
        case "/api/v0/ipfs/pubsub/pub" -> publishOld(request);
        case "/api/v0/price/estimate" -> estimate(request.json().path("message"));
        case "/api/v0/price/estimate/instance" -> price(request.json(), "");
        default -> Reply.text(404, "Not Found");
      };
    }
    if (!request.method().equals("GET")) {
      return Reply.text(405, "Method Not Allowed");
    }
    String[] parts = path.split("/", -1);
    String last = parts[parts.length - 1];
    if (path.equals("/api/v0/messages.json")) {
      return list(request);
    } else if (path.matches("/api/v0/messages/[^/]+/status")) {
      return find(parts[4]).map(this::status).orElseGet(MessageNode::unknown);
    } else if (path.matches("/api/v0/messages/[^/]+")) {
      return find(last).map(this::whole).orElseGet(MessageNode::unknown);
    } else if (path.matches("/api/v0/aggregates/[^/]+\\.json")) {
      return aggregate(last.substring(0, last.length() - ".json".length()), request);
    } else if (path.matches("/api/v0/addresses/[^/]+/balance")) {
      return balance(parts[4], request);
    } else if (path.equals("/api/v0/costs")) {
      return costs(request);
    } else if (path.matches("/api/v0/price/[^/]+")) {
      return find(last)
          .map(message -> price(message.content, message.owner()))
          .orElseGet(MessageNode::unknown);
    } else {
      return Reply.text(404, "Not Found");
    }
  }

  private static Reply unknown() {
    return Reply.text(404, "404: Not Found");
  }

  private Reply publish(Request request) throws InterruptedException {
    JsonNode body = request.json();
    if (!body.path("message").isObject()) {
      ledger.violation("POST /api/v0/messages without a message");
      return Reply.text(422, "InvalidMessageFormat");
    }
    try {
      Message message = ledger.hear(body.path("message"), party.name());
      boolean sync = body.path("sync").asBoolean();
      Status status = sync ? awaited(message) : message.status;
      ObjectNode answer = Json.object();
      answer.putObject("publication_status").put("status", "success").set("failed", Json.array());
      answer.put("message_status", status.wireName());
      return Reply.json(status.httpStatus(), answer);
    } catch (Ledger.InvalidMessageFormat e) {
      return Reply.text(422, "InvalidMessageFormat: " + e.getMessage());
    }
  }

  private Status awaited(Message message) throws InterruptedException {
    Instant end = Instant.now().plus(syncMax);
    while (true) {
      // Looking is what lets time pass for it.
      Status status = ledger.find(message.hash()).orElse(message).status;
      if (status != Status.PENDING || !Instant.now().isBefore(end)) {
        return status;
      }
      Thread.sleep(POLL);
    }
  }

  private Reply publishOld(Request request) {
    JsonNode data = request.json().path("data");
    if (!request.json().path("topic").asText().equals("ALEPH-TEST") || !data.isTextual()) {
      ledger.violation(
          "POST /api/v0/ipfs/pubsub/pub without its topic or with data that is no text");
      return Reply.text(422, "InvalidMessageFormat");
    }
    try {
      ledger.hear(Json.parse(data.asText()), party.name());
      ObjectNode answer = Json.object().put("status", "success");
      answer.set("failed", Json.array());
      return Reply.json(200, answer);
    } catch (Ledger.InvalidMessageFormat | JsonException _) {
      return Reply.text(422, "InvalidMessageFormat");
    }
  }

  /** What this node has heard by now. */
  private Optional<Message> find(String hash) {
    return ledger.find(hash).filter(this::knows);
  }

  private boolean knows(Message message) {
    return message.heardBy.equals(party.name()) || !message.heardAt.plus(lag).isAfter(ledger.now());
  }

  /** A forgotten message counts as processed until this node knows who forgot it. */
  private Status seen(Message message) {
    return message.status == Status.FORGOTTEN && message.forgottenBy.stream().noneMatch(this::knows)
        ? Status.PROCESSED
        : message.status;
  }

  private Reply status(Message message) {
    return Reply.json(200, statusJson(message));
  }

  private ObjectNode statusJson(Message message) {
    return Json.object()
        .put("status", seen(message).wireName())
        .put("item_hash", message.hash())
        .put("reception_time", message.heardAt.toString());
  }

  private Reply whole(Message message) {
    ObjectNode json = statusJson(message);
    switch (seen(message)) {
      case PENDING -> json.putArray("messages").add(message.envelope);
      case PROCESSED -> json.set("message", message.listed());
      case REMOVING -> {
        json.set("message", message.listed());
        json.put("reason", "credit_insufficient");
      }
      case FORGOTTEN -> {
        json.set("message", message.envelope);
        ArrayNode by = json.putArray("forgotten_by");
        message.forgottenBy.forEach(forget -> by.add(forget.hash()));
      }
      case REMOVED ->
          json.put("reason", "credit_insufficient").put("removed_at", message.since.toString());
      case REJECTED -> {
        json.set("message", message.envelope);
        json.put("error_code", message.errorCode);
        json.set("details", message.details);
      }
    }
    return Reply.json(200, json);
  }

  private Reply list(Request request) {
    for (String key : request.query().keySet()) {
      if (!LIST_KEYS.contains(key)) {
        ledger.violation("GET /api/v0/messages.json with unknown parameter " + key);
        return Reply.text(422, "unknown parameter " + key);
      }
    }
    List<String> statuses = request.list("msgStatuses");
    Predicate<Message> wanted =
        message ->
            knows(message)
                && matches(request.list("hashes"), message.hash())
                && matches(request.list("addresses"), message.sender())
                && matches(request.list("owners"), message.owner())
                && matches(request.list("msgTypes"), message.type())
                && matches(request.list("channels"), message.channel())
                && (statuses.isEmpty() ? List.of("processed", "removing") : statuses)
                    .contains(seen(message).wireName());
    List<Message> found =
        ledger.all(wanted).stream()
            .sorted(Comparator.comparing((Message message) -> message.heardAt).reversed())
            .toList();
    int size = number(request, "pagination", PAGE_DEFAULT);
    int page = number(request, "page", 1);
    if (size > PAGE_MAX || size < 0 || page < 1) {
      return Reply.text(422, "pagination or page is out of range");
    }
    ObjectNode answer = Json.object();
    ArrayNode messages = answer.putArray("messages");
    found.stream()
        .skip((long) size * (page - 1))
        .limit(size == 0 ? Long.MAX_VALUE : size)
        .forEach(message -> messages.add(message.listed()));
    answer
        .put("pagination_page", page)
        .put("pagination_total", found.size())
        .put("pagination_per_page", size)
        .put("pagination_item", "messages");
    return Reply.json(200, answer);
  }

  private static boolean matches(List<String> wanted, String value) {
    return wanted.isEmpty() || wanted.contains(value);
  }

  private static int number(Request request, String name, int otherwise) {
    String text = request.query().getOrDefault(name, Integer.toString(otherwise));
    return text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
  }

  private Reply aggregate(String address, Request request) {
    ObjectNode data = ledger.aggregate(address, Set.copyOf(request.list("keys")));
    if (data.isEmpty()) {
      return Reply.text(404, "No aggregate found for this address");
    }
    ObjectNode answer = Json.object().put("address", address);
    answer.set("data", data);
    return Reply.json(200, answer);
  }

  private Reply balance(String address, Request request) {
    BigDecimal balance = ledger.balance(address).max(BigDecimal.ZERO);
    ObjectNode answer =
        Json.object().put("address", address).put("balance", "0").put("locked_amount", "0");
    answer.set("details", Json.object());
    answer.put("credit_balance", balance.setScale(0, RoundingMode.FLOOR).longValueExact());
    if (request.query().containsKey("include_credit_details")) {
      answer
          .putArray("credit_balance_details")
          .addObject()
          .putNull("expiration_date")
          .put("amount", balance.setScale(0, RoundingMode.FLOOR).longValueExact());
    }
    return Reply.json(200, answer);
  }

  private Reply costs(Request request) {
    String address = request.query().getOrDefault("address", "");
    List<Message> billed =
        ledger.all(message -> message.isBilled() && message.owner().equals(address));
    BigDecimal perSecond = BigDecimal.ZERO;
    BigDecimal consumed = BigDecimal.ZERO;
    ArrayNode resources = Json.array();
    for (Message message : billed) {
      BigDecimal cost = ledger.prices.perSecond(message.content);
      perSecond = perSecond.add(cost);
      consumed = consumed.add(message.consumedCredits);
      resources
          .addObject()
          .put("item_hash", message.hash())
          .put("owner", message.owner())
          .put("payment_type", "credit")
          .put("consumed_credits", text(message.consumedCredits))
          .put("cost_credit", text(cost));
    }
    ObjectNode answer = Json.object();
    answer
        .putObject("summary")
        .put("total_consumed_credits", text(consumed))
        .put("total_cost_credit", text(perSecond))
        .put("resource_count", billed.size());
    if (!request.query().getOrDefault("include_details", "0").equals("0")) {
      answer.set("resources", resources);
    }
    return Reply.json(200, answer);
  }

  private Reply estimate(JsonNode message) {
    try {
      return price(
          Json.parse(message.path("item_content").asText()), message.path("sender").asText());
    } catch (JsonException _) {
      return Reply.text(422, "InvalidMessageFormat");
    }
  }

  private Reply price(JsonNode content, String payer) {
    if (!content.path("rootfs").isObject()) {
      return Reply.text(422, "InvalidMessageFormat");
    }
    String cost = text(ledger.prices.perSecond(content));
    ObjectNode answer =
        Json.object()
            .put("required_tokens", 0)
            .put("payment_type", "credit")
            .put("cost", cost)
            .put("charged_address", payer);
    answer
        .putArray("detail")
        .addObject()
        .put("type", "EXECUTION")
        .put("name", "instance")
        .put("cost_credit", cost);
    return Reply.json(200, answer);
  }

  private static String text(BigDecimal amount) {
    return amount.setScale(18, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString();
  }
}
