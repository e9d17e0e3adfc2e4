package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A node that runs machines (CRN). What is published it hears after its lag. */
public final class ComputeNode {
  private static final String VERSION = "1.14.0";
  private static final Duration RESERVATION = Duration.ofMinutes(5);
  private static final long HOUR_SECONDS = 3600;

  private final Ledger ledger;
  private final Party party;
  private final String hash;
  private final Machines machines;
  private final ObjectNode listed;
  private final Map<String, Vm> vms = new LinkedHashMap<>();
  private final Map<String, Instant> reserved = new ConcurrentHashMap<>();
  private final Set<String> erased = ConcurrentHashMap.newKeySet();
  private final AtomicInteger failingStarts = new AtomicInteger();
  private volatile Duration lag = Duration.ZERO;
  private volatile Duration startTime = Duration.ZERO;
  private volatile Duration networkingTime = Duration.ZERO;
  private volatile Duration sweepTime = Duration.ofMillis(300);
  private volatile int capacity = 100;
  private volatile boolean sshPort = true;
  private volatile boolean oldFields;
  private volatile boolean firstVersionOnly;

  ComputeNode(Ledger ledger, String name, String hash, Machines machines) throws IOException {
    this.ledger = ledger;
    this.machines = machines;
    this.hash = hash;
    this.party = new Party(name, 0, this::answer);
    party.headers(Map.of("Server", "aleph-vm/" + VERSION));
    this.listed = ListedNode.json(hash, name, party.origin(), VERSION);
  }

  /** Its server, for faults and what it was asked. */
  public Party server() {
    return party;
  }

  public String origin() {
    return party.origin();
  }

  /** What a message names to be placed here. */
  public String hash() {
    return hash;
  }

  /** Changes how the public list shows it; fields may also become null or wrong. */
  public ComputeNode listed(Consumer<ObjectNode> change) {
    synchronized (listed) {
      change.accept(listed);
    }
    return this;
  }

  /** How long after publication it hears of a message. */
  public ComputeNode lag(Duration time) {
    lag = time;
    return this;
  }

  /** How long a start takes at least, as for a node that has to fetch the image. */
  public ComputeNode startTime(Duration time) {
    startTime = time;
    return this;
  }

  /** How long after its start a machine's addresses and ports are told. */
  public ComputeNode networkingTime(Duration time) {
    networkingTime = time;
    return this;
  }

  /** How long after its message is gone a machine is stopped; minutes on real nodes. */
  public ComputeNode sweepTime(Duration time) {
    sweepTime = time;
    return this;
  }

  /** How many machines fit. */
  public ComputeNode capacity(int newCapacity) {
    capacity = newCapacity;
    return this;
  }

  /** The next starts fail after they were tried, with 503. */
  public ComputeNode failStarts(int count) {
    failingStarts.set(count);
    return this;
  }

  /** Whether it tells the port that leads to a machine's SSH. */
  public ComputeNode sshPort(boolean told) {
    sshPort = told;
    return this;
  }

  /** Leaves out what nodes of an earlier version do not tell. */
  public ComputeNode oldFields(boolean old) {
    oldFields = old;
    return this;
  }

  /** Has only the first version of the list of executions. */
  public ComputeNode firstVersionOnly(boolean first) {
    firstVersionOnly = first;
    return this;
  }

  /** What runs or is stopped here, oldest first. */
  public List<Vm> vms() {
    synchronized (vms) {
      return List.copyOf(vms.values());
    }
  }

  public Optional<Vm> vm(String messageHash) {
    synchronized (vms) {
      return Optional.ofNullable(vms.get(messageHash));
    }
  }

  /** Machines whose disks were erased at their owner's wish. */
  public Set<String> erased() {
    return Set.copyOf(erased);
  }

  ObjectNode listing() {
    synchronized (listed) {
      return listed.deepCopy();
    }
  }

  /** Stops what nobody pays for any more. */
  void sweep() {
    Instant now = ledger.now();
    for (Vm vm : vms()) {
      Message message = ledger.find(vm.hash()).orElseThrow();
      if (!message.isBilled() && !message.since.plus(sweepTime).isAfter(now)) {
        remove(vm);
      }
    }
  }

  void close() throws IOException {
    party.close();
    vms().forEach(this::remove);
  }

  private void remove(Vm vm) {
    synchronized (vms) {
      vms.remove(vm.hash());
    }
    vm.closePorts();
    // One that is still starting ends as soon as it has.
    var _ = vm.starting().thenAccept(Machine::close);
  }

  private Reply answer(Request request) throws Exception {
    sweep();
    String path = request.path();
    String[] parts = path.split("/", -1);
    if (path.startsWith("/control/machine/") && parts.length == 5) {
      return request.method().equals("POST")
          ? operate(request, parts[3], parts[4])
          : Reply.text(405, "Method Not Allowed");
    }
    return switch (request.line()) {
      case "GET /" -> Reply.text(200, "aleph-vm");
      case "GET /v2/about/executions/list" ->
          firstVersionOnly ? Reply.text(404, "Not Found") : executions();
      case "GET /about/executions/list" -> executionsFirstVersion();
      case "GET /status/config" ->
          Reply.json(200, Json.object().put("node_hash", hash).put("version", VERSION));
      case "GET /about/usage/system" -> Reply.json(200, listing().path("system_usage"));
      case "GET /status/check/host" -> Reply.json(200, listing().path("ipv6_check"));
      case "POST /control/allocation/notify" -> notified(request);
      case "POST /control/reserve_resources" -> reserve(request);
      default -> Reply.text(404, "Not Found");
    };
  }

  private Reply notified(Request request) throws InterruptedException {
    JsonNode wanted = request.json().path("instance");
    if (!wanted.asText().matches("[0-9a-f]{64}")) {
      ledger.violation("notify without the hash of an instance");
      return Reply.error(400, "Body did not match");
    }
    Optional<Message> found = heard(wanted.asText());
    if (found.isEmpty()) {
      return Reply.error(404, "Hash not found");
    }
    Message message = found.get();
    if (!message.isInstance()) {
      ledger.violation("notify for what is no instance");
      return Reply.error(400, "Message is not an instance");
    }
    JsonNode placed = message.content.at("/requirements/node/node_hash");
    if (!placed.asText().equals(hash)) {
      ledger.violation("notify at another node than the message names");
      return Reply.error(400, "The instance is for another node");
    }
    double hour = ledger.prices.perSecond(message.content).doubleValue() * HOUR_SECONDS;
    if (ledger.balance(message.owner()).doubleValue() < hour) {
      return Reply.error(402, "Insufficient credits");
    }
    return start(message);
  }

  private Optional<Message> heard(String messageHash) {
    return ledger
        .find(messageHash)
        .filter(message -> message.status == Message.Status.PROCESSED)
        .filter(message -> !message.since.plus(lag).isAfter(ledger.now()));
  }

  private Reply start(Message message) throws InterruptedException {
    Vm vm;
    boolean mine = false;
    synchronized (vms) {
      vm = vms.get(message.hash());
      if (vm == null) {
        if (vms.size() >= capacity) {
          return Reply.error(503, "Not enough capacity on this node");
        }
        vm = new Vm(message, "fd00:" + message.hash().substring(0, 4) + "::2", ledger.now());
        vms.put(message.hash(), vm);
        mine = true;
      }
    }
    if (mine) {
      launch(vm);
    } else if (vm.starting().isDone() && !vm.isRunning()) {
      vm.machine().startAgain();
      vm.startedAgain(ledger.now());
      openPorts(vm);
    }
    try {
      vm.starting().join();
    } catch (CompletionException _) {
      return failed(message.hash());
    }
    ObjectNode answer = Json.object().put("success", true).put("successful", true);
    answer.putArray("failing");
    answer.putObject("errors");
    return Reply.json(200, answer);
  }

  private void launch(Vm vm) throws InterruptedException {
    try {
      Thread.sleep(startTime);
      if (failingStarts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IllegalStateException("the start was made to fail");
      }
      List<String> keys = new ArrayList<>();
      vm.message().content.path("authorized_keys").forEach(key -> keys.add(key.asText()));
      vm.started(machines.start(vm.hash(), keys), ledger.now());
      erased.remove(vm.hash());
      openPorts(vm);
    } catch (RuntimeException | Error e) {
      synchronized (vms) {
        vms.remove(vm.hash());
      }
      vm.starting().completeExceptionally(e);
    }
  }

  private static Reply failed(String messageHash) {
    ObjectNode answer = Json.object().put("success", false).put("successful", false);
    answer.putArray("failing").add(messageHash);
    answer.putObject("errors").put(messageHash, "VMSetupError()");
    return Reply.json(503, answer);
  }

  /** Port 22 always, and those the owner's aggregate names. */
  private void openPorts(Vm vm) {
    vm.forward(22);
    JsonNode ports =
        ledger
            .aggregate(vm.message().owner(), Set.of("port-forwarding"))
            .path("port-forwarding")
            .path(vm.hash())
            .path("ports");
    ports.fieldNames().forEachRemaining(port -> vm.forward(Integer.parseInt(port)));
  }

  private Reply executions() {
    ObjectNode list = Json.object();
    for (Vm vm : vms()) {
      boolean networking =
          vm.started().map(at -> !at.plus(networkingTime).isAfter(ledger.now())).orElse(false);
      list.set(vm.hash(), vm.listed(networking, sshPort, oldFields));
    }
    return Reply.json(200, list);
  }

  private Reply executionsFirstVersion() {
    ObjectNode list = Json.object();
    for (Vm vm : vms()) {
      if (vm.isRunning()) {
        ObjectNode one = list.putObject(vm.hash());
        one.putObject("networking").put("ipv4", "172.16.3.0/24").put("ipv6", "fd00::/124");
      }
    }
    return Reply.json(200, list);
  }

  private Reply reserve(Request request) {
    try {
      String owner = prove(request);
      if (!request.json().path("address").asText().equalsIgnoreCase(owner)) {
        return Reply.error(403, "Not the owner");
      }
    } catch (OwnerProof.Refused e) {
      return Reply.error(e.status, String.valueOf(e.getMessage()));
    }
    Instant now = ledger.now();
    reserved.values().removeIf(end -> end.isBefore(now));
    // A repeated wish of one owner replaces the earlier one.
    String wish = Ledger.sha256(request.body());
    if (!reserved.containsKey(wish) && vms().size() + reserved.size() >= capacity) {
      return Reply.error(503, "Not enough capacity");
    }
    reserved.put(wish, now.plus(RESERVATION));
    return Reply.json(
        200,
        Json.object().put("status", "reserved").put("expires", now.plus(RESERVATION).toString()));
  }

  private Reply operate(Request request, String messageHash, String operation) {
    Optional<Vm> found = vm(messageHash);
    if (operation.equals("update")) {
      found.filter(Vm::isRunning).ifPresent(this::openPorts);
      return found.isPresent()
          ? Reply.json(200, Json.object().put("status", "ok"))
          : Reply.error(404, "No virtual machine with ref " + messageHash);
    }
    if (!Set.of("stop", "reboot", "erase", "reinstall", "expire").contains(operation)) {
      return Reply.text(404, "Not Found");
    }
    String asking;
    try {
      asking = prove(request);
    } catch (OwnerProof.Refused e) {
      return Reply.error(e.status, String.valueOf(e.getMessage()));
    }
    if (found.isEmpty()) {
      return Reply.text(404, "No virtual machine with ref " + messageHash);
    }
    Vm vm = found.get();
    if (!vm.message().owner().equalsIgnoreCase(asking)) {
      return Reply.text(403, "Unauthorized sender");
    }
    switch (operation) {
      case "stop", "expire" -> {
        vm.machine().stop();
        vm.stopped(ledger.now());
      }
      case "reboot" -> vm.machine().reboot();
      case "erase" -> {
        remove(vm);
        erased.add(messageHash);
      }
      default -> {
        remove(vm);
        erased.add(messageHash);
        try {
          return start(vm.message());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
    return Reply.text(200, "Done: " + operation + " of VM with ref " + messageHash);
  }

  private String prove(Request request) throws OwnerProof.Refused {
    try {
      return OwnerProof.address(request, URI.create(origin()).getAuthority(), ledger.now());
    } catch (OwnerProof.Refused e) {
      ledger.violation(request.line() + ": " + e.getMessage());
      throw e;
    }
  }
}
