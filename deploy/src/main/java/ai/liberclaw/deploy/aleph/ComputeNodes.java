package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.aleph.AlephException.Kind;
import ai.liberclaw.deploy.aleph.AlephHttp.Answer;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests to the nodes that run machines, and to the list of them. */
public final class ComputeNodes {
  private static final Duration LIST_TIME_MAX = Duration.ofSeconds(30);
  private static final Duration ASK_TIME_MAX = Duration.ofSeconds(10);

  /** A node may fetch an image before it answers. */
  private static final Duration NOTIFY_TIME_MAX = Duration.ofSeconds(90);

  private static final Duration ERASE_TIME_MAX = Duration.ofSeconds(30);
  private static final int PORT_MAX = 65_535;
  private static final String SSH_PORT = "22";

  private final AlephHttp http;
  private final URI list;
  private final AlephWallet wallet;
  private final Clock clock;

  /** What a node says to "a machine of yours was ordered". */
  public enum Notified {
    STARTED,
    /** It will never run this message. */
    REFUSED,
    /** The account has less than what one hour costs. */
    NO_CREDITS,
    /** It has not heard of the message yet. */
    NOT_SEEN,
    /** It has no room, or could not start it. */
    NO_CAPACITY,
    /** It may have started, or may yet: its list tells. */
    UNCLEAR
  }

  /** Whether a node keeps room for a machine that is about to be ordered. */
  public enum Reserved {
    YES,
    FULL,
    /** It knows no reservations, or not for us: order all the same. */
    UNKNOWN
  }

  /**
   * A machine in a node's list.
   *
   * @param running whether it is up
   * @param host the node's own IPv4 address
   * @param sshPort the host's port that leads to the machine's port 22
   */
  public record Execution(
      boolean running, Optional<String> host, Optional<Integer> sshPort, Optional<String> ipv6) {
    public boolean reachable() {
      return running && host.isPresent() && sshPort.isPresent();
    }
  }

  /** What a node says it is. */
  public record Identity(Optional<String> hash, Optional<String> version) {}

  /**
   * @param list address of the public list
   */
  public ComputeNodes(AlephHttp http, URI list, AlephWallet wallet, Clock clock) {
    this.http = http;
    this.list = list;
    this.wallet = wallet;
    this.clock = clock;
  }

  /** All nodes that are not inactive. */
  public List<ComputeNode> list() throws AlephException, InterruptedException {
    Answer answer = http.get(list + "?filter_inactive=true", LIST_TIME_MAX);
    if (!answer.ok() || !answer.json().path("crns").isArray()) {
      throw new AlephException(Kind.MALFORMED, "no list of nodes, status " + answer.status(), null);
    }
    return ComputeNode.list(answer.json());
  }

  /**
   * Asks a node who it is.
   *
   * @throws AlephException when it does not answer, or answers with a failure of its own
   */
  public Identity identity(String url) throws AlephException, InterruptedException {
    Answer answer = http.get(url + "/status/config", ASK_TIME_MAX);
    if (answer.status() >= 500) {
      throw new AlephException(Kind.MALFORMED, "status " + answer.status(), null);
    }
    return new Identity(
        Optional.ofNullable(answer.json().path("node_hash").textValue()),
        Optional.ofNullable(answer.json().path("version").textValue()));
  }

  /** Asks a node to keep room, before anything is paid. */
  public Reserved reserve(String url, InstanceContent content)
      throws AlephException, InterruptedException {
    String path = "/control/reserve_resources";
    Answer answer =
        http.post(
            url + path,
            Json.write(content.json()),
            owner(url).headers(path, clock.instant()),
            ASK_TIME_MAX,
            false);
    return switch (answer.status()) {
      case 200 -> Reserved.YES;
      case 503 -> Reserved.FULL;
      default -> Reserved.UNKNOWN;
    };
  }

  /** Tells a node of a machine ordered from it. Again is no harm. */
  public Notified announce(String url, String hash) throws AlephException, InterruptedException {
    Answer answer;
    try {
      answer =
          http.post(
              url + "/control/allocation/notify",
              Json.write(Json.object().put("instance", hash)),
              Map.of(),
              NOTIFY_TIME_MAX,
              false);
    } catch (AlephException e) {
      if (e.kind() == Kind.TIMEOUT || e.kind() == Kind.MALFORMED) {
        return Notified.UNCLEAR;
      }
      throw e;
    }
    return switch (answer.status()) {
      case 200 -> Notified.STARTED;
      case 400, 401, 403 -> Notified.REFUSED;
      case 402 -> Notified.NO_CREDITS;
      case 404 -> Notified.NOT_SEEN;
      case 503 -> Notified.NO_CAPACITY;
      default -> Notified.UNCLEAR;
    };
  }

  /** A machine in a node's list; empty when it is not there. */
  public Optional<Execution> execution(String url, String hash)
      throws AlephException, InterruptedException {
    Answer answer = http.get(url + "/v2/about/executions/list", ASK_TIME_MAX);
    if (!answer.ok() || !answer.json().isObject()) {
      throw new AlephException(Kind.MALFORMED, "no list, status " + answer.status(), null);
    }
    JsonNode entry = answer.json().path(hash);
    return entry.isObject() ? Optional.of(execution(entry)) : Optional.empty();
  }

  /**
   * Stops a machine and deletes its disks.
   *
   * @return false when the node has no such machine
   * @throws AlephException when it is not sure that it was done
   */
  public boolean erase(String url, String hash) throws AlephException, InterruptedException {
    String path = "/control/machine/" + hash + "/erase";
    Answer answer =
        http.post(
            url + path, "{}", owner(url).headers(path, clock.instant()), ERASE_TIME_MAX, false);
    return switch (answer.status()) {
      case 200 -> true;
      case 404 -> false;
      default -> throw new AlephException(Kind.MALFORMED, "status " + answer.status(), null);
    };
  }

  private OwnerOperation owner(String url) throws AlephException {
    String host = URI.create(url).getHost();
    if (host == null) {
      throw new AlephException(Kind.REFUSED, "not an address", null);
    }
    return new OwnerOperation(wallet, host, clock.instant());
  }

  private static Execution execution(JsonNode entry) {
    JsonNode networking = entry.path("networking");
    JsonNode status = entry.path("status");
    boolean started = status.hasNonNull("started_at") && !status.hasNonNull("stopping_at");
    int port = networking.path("mapped_ports").path(SSH_PORT).path("host").asInt();
    return new Execution(
        // Older nodes do not say it in one word.
        entry.path("running").isBoolean() ? entry.path("running").booleanValue() : started,
        text(networking.path("host_ipv4")),
        port > 0 && port <= PORT_MAX ? Optional.of(port) : Optional.empty(),
        text(networking.path("ipv6_ip")));
  }

  private static Optional<String> text(JsonNode node) {
    return Optional.ofNullable(node.textValue()).map(String::strip).filter(t -> !t.isEmpty());
  }
}
