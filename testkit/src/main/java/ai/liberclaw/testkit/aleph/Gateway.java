package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Public names of machines, and the ways to them: TLS is passed on by its server name without being
 * ended, plain HTTP by its Host. The directory of the operators' own DNS is here too.
 */
public final class Gateway {
  /** What all names end with. */
  public static final String DOMAIN = "2n6.me";

  private static final List<String> WORDS =
      List.of(
          "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "ivory", "jolly",
          "koala", "lemon", "maple", "noble", "ocean", "pearl");

  private final Ledger ledger;
  private final Party names;
  private final Party directory;
  private final Forward tls;
  private final Forward plain;
  private final Supplier<List<ComputeNode>> nodes;
  private volatile Duration nameTime = Duration.ZERO;

  Gateway(Ledger ledger, Supplier<List<ComputeNode>> nodes) throws IOException {
    this.ledger = ledger;
    this.nodes = nodes;
    this.names = new Party("gateway", 0, this::answer);
    this.directory = new Party("dns", 0, this::list);
    this.tls = new Forward(0, first -> target(FirstBytes.serverName(first), 443));
    this.plain = new Forward(0, first -> target(FirstBytes.host(first), 80));
  }

  /** Its server of names, for faults and what it was asked. */
  public Party server() {
    return names;
  }

  /** The server of {@code /instances/list}. */
  public Party directory() {
    return directory;
  }

  /** The loopback port that stands for port 443 of every public name. */
  public Forward tls() {
    return tls;
  }

  /** The loopback port that stands for port 80 of every public name. */
  public Forward plain() {
    return plain;
  }

  /** How long after an instance's message was processed its name is known. */
  public Gateway nameTime(Duration time) {
    nameTime = time;
    return this;
  }

  /** The name an instance has or will have: {@code amber-birch-cedar-delta.2n6.me}. */
  public String name(String hash) {
    return subdomain(hash) + "." + DOMAIN;
  }

  void close() throws IOException {
    names.close();
    directory.close();
    tls.close();
    plain.close();
  }

  private static String subdomain(String hash) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      String word = WORDS.get(Character.digit(hash.charAt(i), 16));
      // Four words of sixteen are too few to be apart: each is followed by a digit.
      name.append(i % 2 == 0 ? word : hash.charAt(i) + (i == 7 ? "" : "-"));
    }
    return name.toString().toLowerCase(Locale.ROOT);
  }

  private Reply answer(Request request) {
    String hash = request.path().replaceFirst("^/api/hash/", "");
    if (!hash.matches("[0-9a-f]{64}") || !request.method().equals("GET")) {
      return Reply.text(404, "Not Found");
    }
    boolean known =
        ledger
            .find(hash)
            .filter(Message::isBilled)
            .filter(message -> !message.since.plus(nameTime).isAfter(ledger.now()))
            .isPresent();
    if (!known) {
      return Reply.json(404, Json.object().put("error", "unknown hash"));
    }
    return Reply.json(
        200,
        Json.object()
            .put("subdomain", subdomain(hash))
            .put("url", "https://" + name(hash))
            .put("active", running(hash).isPresent()));
  }

  private Reply list(Request request) {
    ArrayNode list = Json.array();
    for (String hash : request.list("item_hash")) {
      running(hash).ifPresent(vm -> list.add(listed(vm)));
    }
    return request.line().equals("GET /instances/list")
        ? Reply.json(200, list)
        : Reply.text(404, "Not Found");
  }

  private static ObjectNode listed(Vm vm) {
    ObjectNode one = Json.object().put("name", subdomain(vm.hash())).put("item_hash", vm.hash());
    one.putObject("ipv4").put("public", "127.0.0.1").put("local", "172.16.3.2");
    one.put("ipv6", "fd00::2");
    return one;
  }

  private Optional<InetSocketAddress> target(Optional<String> wanted, int port) {
    return wanted.flatMap(host ->
        nodes.get().stream()
            .flatMap(node -> node.vms().stream())
            .filter(vm -> name(vm.hash()).equalsIgnoreCase(host))
            .findFirst()
            .flatMap(vm -> vm.address(port)));
  }

  private Optional<Vm> running(String hash) {
    return nodes.get().stream()
        .flatMap(node -> node.vm(hash).stream())
        .filter(Vm::isRunning)
        .findFirst();
  }
}
