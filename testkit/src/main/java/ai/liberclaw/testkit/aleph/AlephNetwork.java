package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * The whole network on loopback. Every server of it is told apart by its origin, goes wrong on
 * request ({@link Party#fault}) and keeps what it was asked. What a correct client never does is
 * among {@link #violations}.
 *
 * <p>By hand: {@code java -cp testkit/target/classes:<libraries>
 * ai.liberclaw.testkit.aleph.AlephNetwork 0xYourAddress} prints where everything is.
 */
public final class AlephNetwork implements AutoCloseable {
  /** Debian 12, as the network offers it. */
  public static final String DEBIAN_12 =
      "b6ff5c3a8205d1ca4c7c3369300eeafff498b558f71b851aa2114afd0a532717";

  /** Ubuntu 24.04, as the network offers it. */
  public static final String UBUNTU_24 =
      "5330dcefe1857bcd97b7b7f24d1420a7d46232d53f27be280c8a7071d88bd84e";

  private static final long IMAGE_MIB = 4096;

  private final Ledger ledger = new Ledger();
  private final Machines machines;
  private final List<MessageNode> messageNodes = new CopyOnWriteArrayList<>();
  private final List<ComputeNode> computeNodes = new CopyOnWriteArrayList<>();
  private final Gateway gateway;
  private final Party list;
  private final Party scheduler;

  private AlephNetwork(Machines machines, int computeNodes, int port) throws IOException {
    this.machines = machines;
    ledger.image(DEBIAN_12, IMAGE_MIB);
    ledger.image(UBUNTU_24, IMAGE_MIB);
    messageNodes.add(new MessageNode(ledger, "ccn", port, Duration.ZERO));
    for (int i = 0; i < computeNodes; i++) {
      addNode();
    }
    gateway = new Gateway(ledger, () -> this.computeNodes);
    list = new Party("list", 0, this::list);
    scheduler = new Party("scheduler", 0, AlephNetwork::schedule);
  }

  /**
   * Starts it with one node for messages.
   *
   * @param computeNodes how many nodes run machines
   */
  public static AlephNetwork start(Machines machines, int computeNodes) {
    try {
      return new AlephNetwork(machines, computeNodes, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Serves until the process is ended. */
  public static void main(String[] args) throws InterruptedException {
    boolean debian = List.of(args).contains("--debian");
    try (AlephNetwork network = start(debian ? Machines.debian() : Machines.none(), 3)) {
      for (String address : args) {
        if (address.startsWith("0x")) {
          network.grant(Wallet.checksummed(address), 100_000_000);
        }
      }
      System.out.println("messages   " + network.ccn().origin());
      System.out.println("node list  " + network.listUrl());
      System.out.println("scheduler  " + network.scheduler().origin());
      System.out.println("gateway    " + network.gateway().server().origin());
      System.out.println("directory  " + network.gateway().directory().origin());
      System.out.println("tls names  127.0.0.1:" + network.gateway().tls().port());
      System.out.println("http names 127.0.0.1:" + network.gateway().plain().port());
      Thread.currentThread().join();
    }
  }

  /** The node messages go to. */
  public MessageNode ccn() {
    return messageNodes.getFirst();
  }

  /** One more node for messages, which hears of others' messages after a lag. */
  public MessageNode addMirror(Duration lag) {
    try {
      MessageNode node = new MessageNode(ledger, "ccn-" + (messageNodes.size() + 1), 0, lag);
      messageNodes.add(node);
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One more node that runs machines. */
  public ComputeNode addNode() {
    return addNode(Ledger.sha256("node " + (computeNodes.size() + 1)));
  }

  /** One more node that runs machines, with this hash. */
  public ComputeNode addNode(String hash) {
    try {
      String name = "crn-" + (computeNodes.size() + 1);
      ComputeNode node = new ComputeNode(ledger, name, hash, machines);
      computeNodes.add(node);
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The nodes that run machines, in the order in which they were added. */
  public List<ComputeNode> nodes() {
    return List.copyOf(computeNodes);
  }

  /** The one with this hash. */
  public ComputeNode node(String hash) {
    return computeNodes.stream().filter(node -> node.hash().equals(hash)).findFirst().orElseThrow();
  }

  public Gateway gateway() {
    return gateway;
  }

  public Party scheduler() {
    return scheduler;
  }

  /** The server of the public list of nodes. */
  public Party list() {
    return list;
  }

  /** Such as {@code http://127.0.0.1:4711/crns.json}. */
  public String listUrl() {
    return list.origin() + "/crns.json";
  }

  /** Gives an address credits; the address as it is written (EIP-55) counts. */
  public AlephNetwork grant(String address, long credits) {
    ledger.grant(address, BigDecimal.valueOf(credits));
    return this;
  }

  /** From now on an address has these credits. */
  public AlephNetwork credits(String address, long credits) {
    ledger.setCredits(address, BigDecimal.valueOf(credits));
    return this;
  }

  /** Credits of one compute unit per hour; 14,250 unless told. */
  public AlephNetwork unitPrice(long creditsPerHour) {
    ledger.prices.unitPerHour(BigDecimal.valueOf(creditsPerHour));
    return this;
  }

  /** How long a message is pending. */
  public AlephNetwork processing(Duration time) {
    ledger.processing(time);
    return this;
  }

  /** Whether all messages stay pending. */
  public AlephNetwork stuck(boolean stuck) {
    ledger.stuck(stuck);
    return this;
  }

  /** Rejects the next message of a type with this code of deploy.md 12.6, whatever it says. */
  public AlephNetwork rejectNext(String type, int code, JsonNode details) {
    ledger.rejectNext(type, code, details);
    return this;
  }

  /** An image that instances may start from. */
  public AlephNetwork image(String hash, long sizeMib) {
    ledger.image(hash, sizeMib);
    return this;
  }

  /** Lets time pass: credits are consumed, lags end. */
  public AlephNetwork advance(Duration time) {
    ledger.advance(time);
    return this;
  }

  /** The network's time. */
  public Instant now() {
    return ledger.now();
  }

  /** Hashes of instances that are being paid for, oldest first. */
  public List<String> billed() {
    return ledger.all(Message::isBilled).stream().map(Message::hash).toList();
  }

  /** Hashes of all messages of a type that were ever heard, oldest first. */
  public List<String> published(String type) {
    return ledger.all(message -> message.type().equals(type)).stream().map(Message::hash).toList();
  }

  /** The status of a message: {@code processed}; {@code unknown} for one never heard. */
  public String status(String hash) {
    return ledger.find(hash).map(message -> message.status.wireName()).orElse("unknown");
  }

  /** A message's content, as sent. */
  public JsonNode content(String hash) {
    return ledger.find(hash).orElseThrow().content.deepCopy();
  }

  /** Hashes of machines that are on any node, running or stopped. */
  public List<String> machines() {
    computeNodes.forEach(ComputeNode::sweep);
    return computeNodes.stream()
        .flatMap(node -> node.vms().stream())
        .map(Vm::hash)
        .collect(Collectors.toList());
  }

  /** Everything anybody can read on the network, to look for secrets in. */
  public String everythingPublic() {
    StringBuilder text = new StringBuilder();
    ledger
        .all(_ -> true)
        .forEach(message -> text.append(Json.write(message.envelope)).append('\n'));
    return text.toString();
  }

  /** What was asked that a correct client never asks, and why it is wrong. */
  public List<String> violations() {
    List<String> all = new ArrayList<>(ledger.violations());
    everyone()
        .forEach(party ->
            party.requests("").stream()
                .filter(request -> !request.headers().containsKey("user-agent"))
                .forEach(request ->
                    all.add(request.party() + " " + request.line() + " without User-Agent")));
    return all;
  }

  /** All servers. */
  public List<Party> everyone() {
    List<Party> all =
        new ArrayList<>(List.of(list, scheduler, gateway.server(), gateway.directory()));
    messageNodes.forEach(node -> all.add(node.server()));
    computeNodes.forEach(node -> all.add(node.server()));
    return all;
  }

  @Override
  public void close() {
    try {
      for (ComputeNode node : computeNodes) {
        node.close();
      }
      for (MessageNode node : messageNodes) {
        node.server().close();
      }
      gateway.close();
      list.close();
      scheduler.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Reply list(Request request) {
    if (!request.line().equals("GET /crns.json")) {
      return Reply.text(404, "Not Found");
    }
    boolean activeOnly = request.query().getOrDefault("filter_inactive", "").equals("true");
    ArrayNode nodes = Json.array();
    for (ComputeNode node : computeNodes) {
      ObjectNode listing = node.listing();
      if (!activeOnly || listing.path("inactive_since").isNull()) {
        nodes.add(listing);
      }
    }
    ObjectNode answer = Json.object();
    answer.set("crns", nodes);
    return Reply.json(200, answer);
  }

  /** It plans machines paid otherwise: of those paid by credits it knows nothing. */
  private static Reply schedule(Request request) {
    return switch (request.line()) {
      case "GET /api/v0/nodes", "GET /api/v0/plan" -> Reply.json(200, Json.array());
      default -> Reply.json(404, Json.object().put("detail", "Not found"));
    };
  }
}
