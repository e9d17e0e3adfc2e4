package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.aleph.AlephException.Kind;
import ai.liberclaw.deploy.aleph.AlephHttp.Answer;
import ai.liberclaw.deploy.aleph.MessageStatus.State;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The network's core nodes, which take messages and know what they cost. Any number of mirrors: the
 * first that answers counts, and a message that one has not heard of yet is asked of the others.
 */
public final class AlephNetwork {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** A node waits 30 s for a message to be processed before it answers. */
  private static final Duration PUBLISH_TIME_MAX = Duration.ofSeconds(60);

  private static final Duration READ_TIME_MAX = Duration.ofSeconds(20);

  /** Whose table of prices is the network's own. */
  private static final String PRICES_PUBLISHER = "0xFba561a84A537fCaa567bb7A2257e7142701ae2A";

  private static final int PAGE_SIZE = 200;
  private static final int PAGES_MAX = 500;

  /** The network's own default table, used when nobody can be asked. */
  private static final BigDecimal UNIT_PER_HOUR = new BigDecimal(14_250);

  private static final BigDecimal DISK_MIB_PER_HOUR = new BigDecimal("0.1797");
  private static final BigDecimal HOUR = new BigDecimal(3600);

  private final AlephHttp http;
  private final List<URI> mirrors;

  /** A machine that an account pays for, as its message says. */
  public record Owned(String hash, Map<String, String> metadata, String nodeHash, Instant time) {}

  /**
   * What an account pays.
   *
   * @param perSecond credits, of all its machines together
   * @param hashes of what is charged
   */
  public record Costs(BigDecimal perSecond, Set<String> hashes) {}

  /**
   * @param mirrors origins without trailing slash, asked in this order
   */
  public AlephNetwork(AlephHttp http, List<URI> mirrors) {
    if (mirrors.isEmpty()) {
      throw new IllegalArgumentException("at least one host");
    }
    this.http = http;
    this.mirrors = List.copyOf(mirrors);
  }

  /** Whether text is a message's or a node's hash. */
  public static boolean isHash(String text) {
    return HASH.matcher(text).matches();
  }

  /**
   * Sends a message, or the same again, and waits a while for what becomes of it.
   *
   * @return {@code PENDING}, {@code PROCESSED} or {@code REJECTED}; {@code UNKNOWN} when the
   *     network should have it and does not say
   * @throws AlephException when no mirror took it: it may be sent again, and may be out
   */
  public MessageStatus publish(AlephMessage message) throws AlephException, InterruptedException {
    String body = "{\"sync\":true,\"message\":" + message.text() + "}";
    AlephException failure = null;
    for (URI mirror : mirrors) {
      try {
        Answer answer =
            http.post(mirror + "/api/v0/messages", body, Map.of(), PUBLISH_TIME_MAX, true);
        switch (answer.status()) {
          case 200, 202 -> {
            return taken(answer);
          }
          case 410 -> {
            return new MessageStatus(State.FORGOTTEN, Optional.empty());
          }
          case 422, 400 -> {
            return rejected(message.hash(), answer);
          }
          case 404, 405 -> {
            return publishOld(mirror, message);
          }
          default ->
              failure = new AlephException(Kind.UNREACHABLE, "status " + answer.status(), failure);
        }
      } catch (AlephException e) {
        failure = e;
      }
    }
    throw failure == null ? unanswered() : failure;
  }

  /** What the network makes of a message: the first mirror that knows it. */
  public MessageStatus status(String hash) throws AlephException, InterruptedException {
    boolean asked = false;
    AlephException failure = null;
    for (URI mirror : mirrors) {
      try {
        Answer answer = http.get(mirror + "/api/v0/messages/" + hash, READ_TIME_MAX);
        if (answer.ok() || answer.status() == 410) {
          MessageStatus status = MessageStatus.of(answer.json());
          if (status.state() != State.UNKNOWN) {
            return status;
          }
        }
        asked |= answer.status() == 404;
      } catch (AlephException e) {
        failure = e;
      }
    }
    if (asked) {
      return MessageStatus.unknown();
    }
    throw failure == null ? unanswered() : failure;
  }

  /**
   * All machines of an account, whoever made them.
   *
   * @throws AlephException also when the list is longer than can be read: half of it is no basis
   */
  public List<Owned> instances(String address) throws AlephException, InterruptedException {
    List<Owned> all = new ArrayList<>();
    for (int page = 1; page <= PAGES_MAX; page++) {
      JsonNode json =
          read(
              "/api/v0/messages.json?msgTypes=INSTANCE&msgStatuses=processed,removing&owners="
                  + address
                  + "&pagination="
                  + PAGE_SIZE
                  + "&page="
                  + page);
      JsonNode messages = json.path("messages");
      if (!messages.isArray()) {
        throw new AlephException(Kind.MALFORMED, "no list of messages", null);
      }
      for (JsonNode message : messages) {
        owned(message, address).ifPresent(all::add);
      }
      if (messages.size() < PAGE_SIZE) {
        return all;
      }
    }
    throw new AlephException(Kind.MALFORMED, "more machines than can be listed", null);
  }

  /** A machine's message as it is now; empty when there is none. */
  public Optional<Owned> instance(String hash, String address)
      throws AlephException, InterruptedException {
    JsonNode json = read("/api/v0/messages.json?hashes=" + hash);
    for (JsonNode message : json.path("messages")) {
      Optional<Owned> owned = owned(message, address).filter(o -> o.hash().equals(hash));
      if (owned.isPresent()) {
        return owned;
      }
    }
    return Optional.empty();
  }

  /** Credits an account has. */
  public BigDecimal credits(String address) throws AlephException, InterruptedException {
    JsonNode balance = read("/api/v0/addresses/" + address + "/balance").path("credit_balance");
    return number(balance)
        .orElseThrow(() -> new AlephException(Kind.MALFORMED, "a balance without credits", null));
  }

  /** What an account pays at present. */
  public Costs costs(String address) throws AlephException, InterruptedException {
    JsonNode json = read("/api/v0/costs?include_details=1&address=" + address);
    BigDecimal perSecond =
        number(json.path("summary").path("total_cost_credit"))
            .orElseThrow(() -> new AlephException(Kind.MALFORMED, "costs without a sum", null));
    Set<String> hashes = new HashSet<>();
    json.path("resources")
        .forEach(resource -> {
          String hash = resource.path("item_hash").asText();
          if (isHash(hash)) {
            hashes.add(hash);
          }
        });
    return new Costs(perSecond, hashes);
  }

  /**
   * What a machine would cost, in credits per second: as the network says of this one, else by the
   * table it publishes, else by that of the reference.
   */
  public BigDecimal estimate(InstanceContent content, String channel) throws InterruptedException {
    ObjectNode unsigned =
        AlephMessage.unsigned(
            content.address(), AlephMessage.Type.INSTANCE, channel, content.json(), content.time());
    String body = Json.write(Json.object().set("message", unsigned));
    for (URI mirror : mirrors) {
      try {
        Answer answer =
            http.post(mirror + "/api/v0/price/estimate", body, Map.of(), READ_TIME_MAX, true);
        Optional<BigDecimal> cost = number(answer.json().path("cost"));
        if (answer.ok() && cost.isPresent() && cost.get().signum() > 0) {
          return cost.get();
        }
      } catch (AlephException _) {
        // The next one, or the table.
      }
    }
    return publishedPrice(content.size()).orElseGet(() -> tablePrice(content.size()));
  }

  private Optional<BigDecimal> publishedPrice(InstanceContent.MachineSize size)
      throws InterruptedException {
    try {
      JsonNode price =
          read("/api/v0/aggregates/" + PRICES_PUBLISHER + ".json?keys=pricing")
              .path("data")
              .path("pricing")
              .path("instance")
              .path("price");
      Optional<BigDecimal> unit = number(price.path("compute_unit").path("credit"));
      Optional<BigDecimal> disk = number(price.path("storage").path("credit"));
      return unit.filter(value -> value.signum() > 0)
          .flatMap(perUnit ->
              disk.filter(value -> value.signum() >= 0).map(mib -> price(size, perUnit, mib)));
    } catch (AlephException _) {
      return Optional.empty();
    }
  }

  /** Credits per second by the reference's table. */
  static BigDecimal tablePrice(InstanceContent.MachineSize size) {
    return price(size, UNIT_PER_HOUR, DISK_MIB_PER_HOUR);
  }

  private static BigDecimal price(
      InstanceContent.MachineSize size, BigDecimal unitPerHour, BigDecimal diskMibPerHour) {
    return unitPerHour
        .multiply(BigDecimal.valueOf(size.units()))
        .add(diskMibPerHour.multiply(BigDecimal.valueOf(size.extraDiskMib())))
        .divide(HOUR, MathContext.DECIMAL64);
  }

  private JsonNode read(String path) throws AlephException, InterruptedException {
    AlephException failure = null;
    for (URI mirror : mirrors) {
      try {
        Answer answer = http.get(mirror + path, READ_TIME_MAX);
        if (answer.ok() && answer.json().isObject()) {
          return answer.json();
        }
        failure = new AlephException(Kind.MALFORMED, "status " + answer.status(), failure);
      } catch (AlephException e) {
        failure = e;
      }
    }
    throw failure == null ? unanswered() : failure;
  }

  private static MessageStatus taken(Answer answer) throws AlephException {
    if (answer.json().path("publication_status").path("status").asText().equals("error")) {
      throw new AlephException(Kind.UNREACHABLE, "not broadcast", null);
    }
    return switch (answer.json().path("message_status").asText()) {
      case "processed" -> new MessageStatus(State.PROCESSED, Optional.empty());
      case "rejected" ->
          new MessageStatus(State.REJECTED, Optional.of(Rejection.of(answer.json())));
      default -> new MessageStatus(State.PENDING, Optional.empty());
    };
  }

  /** The answer itself does not say why, but the message's status does. */
  private MessageStatus rejected(String hash, Answer answer) throws InterruptedException {
    if (!answer.json().isObject()) {
      return new MessageStatus(State.REJECTED, Optional.of(Rejection.format()));
    }
    if (answer.json().has("error_code")) {
      return new MessageStatus(State.REJECTED, Optional.of(Rejection.of(answer.json())));
    }
    try {
      MessageStatus status = status(hash);
      if (status.state() != State.UNKNOWN) {
        return status;
      }
    } catch (AlephException _) {
      // Refused it is all the same.
    }
    return new MessageStatus(State.REJECTED, Optional.of(Rejection.of(answer.json())));
  }

  /** Nodes before the present route took the message as a text. */
  private MessageStatus publishOld(URI mirror, AlephMessage message)
      throws AlephException, InterruptedException {
    String body = Json.write(Json.object().put("topic", "ALEPH-TEST").put("data", message.text()));
    Answer answer =
        http.post(mirror + "/api/v0/ipfs/pubsub/pub", body, Map.of(), PUBLISH_TIME_MAX, true);
    return switch (answer.status()) {
      case 200, 202 -> new MessageStatus(State.PENDING, Optional.empty());
      case 422, 400 -> rejected(message.hash(), answer);
      default -> throw new AlephException(Kind.UNREACHABLE, "status " + answer.status(), null);
    };
  }

  /** Nobody else's message counts, whatever a node lists. */
  private static Optional<Owned> owned(JsonNode message, String address) {
    JsonNode content = message.path("content");
    String hash = message.path("item_hash").asText();
    if (!content.path("address").asText().equalsIgnoreCase(address) || !isHash(hash)) {
      return Optional.empty();
    }
    Map<String, String> metadata = new HashMap<>();
    content
        .path("metadata")
        .properties()
        .forEach(word -> {
          if (word.getValue().isTextual()) {
            metadata.put(word.getKey(), word.getValue().textValue());
          }
        });
    return Optional.of(
        new Owned(
            hash,
            Map.copyOf(metadata),
            content.path("requirements").path("node").path("node_hash").asText(),
            Instant.ofEpochMilli((long) (content.path("time").asDouble() * 1000))));
  }

  private static Optional<BigDecimal> number(JsonNode node) {
    try {
      return node.isNumber() || node.isTextual()
          ? Optional.of(new BigDecimal(node.asText().strip()))
          : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static AlephException unanswered() {
    return new AlephException(Kind.UNREACHABLE, "no host of the network answered", null);
  }
}
