package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A virtual machine on a node: what it runs, and the node's ports that lead to it. */
public final class Vm {
  private final Message message;
  private final String address6;
  private final CompletableFuture<Machine> machine = new CompletableFuture<>();
  private final Map<Integer, Forward> forwards = new TreeMap<>();
  private final Instant definedAt;
  private volatile @Nullable Instant startedAt;
  private volatile @Nullable Instant stoppedAt;
  private volatile @Nullable InetSocketAddress elsewhere;

  Vm(Message message, String address6, Instant now) {
    this.message = message;
    this.address6 = address6;
    this.definedAt = now;
  }

  public String hash() {
    return message.hash();
  }

  /** What runs; waits until it has started. */
  public Machine machine() {
    return machine.join();
  }

  /** The node's port that leads to a port of the machine. */
  public Forward forward(int guestPort) {
    synchronized (forwards) {
      return forwards.computeIfAbsent(guestPort, this::newForward);
    }
  }

  /** From now on its port 22 leads to another machine, as a mistaken or hostile node's would. */
  public void misdirect(InetSocketAddress target) {
    elsewhere = target;
  }

  boolean isRunning() {
    return startedAt != null && stoppedAt == null;
  }

  Optional<Instant> started() {
    return Optional.ofNullable(startedAt);
  }

  Message message() {
    return message;
  }

  CompletableFuture<Machine> starting() {
    return machine;
  }

  void started(Machine what, Instant now) {
    startedAt = now;
    stoppedAt = null;
    machine.complete(what);
  }

  void stopped(Instant now) {
    stoppedAt = now;
    closePorts();
  }

  void startedAgain(Instant now) {
    startedAt = now;
    stoppedAt = null;
  }

  void closePorts() {
    synchronized (forwards) {
      for (Forward forward : forwards.values()) {
        try {
          forward.close();
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
      forwards.clear();
    }
  }

  private Forward newForward(int guestPort) {
    try {
      return new Forward(0, _ -> target(guestPort));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<InetSocketAddress> target(int guestPort) {
    InetSocketAddress other = elsewhere;
    return guestPort == 22 && other != null ? Optional.of(other) : address(guestPort);
  }

  Optional<InetSocketAddress> address(int guestPort) {
    return isRunning() ? machine.join().address(guestPort) : Optional.empty();
  }

  /** As {@code /v2/about/executions/list} shows it. */
  ObjectNode listed(boolean networking, boolean sshPort, boolean oldFields) {
    ObjectNode json = Json.object();
    ObjectNode net = json.putObject("networking");
    if (networking) {
      net.put("ipv4_network", "172.16.3.0/24")
          .put("host_ipv4", "127.0.0.1")
          .put("ipv6_network", address6 + "/124")
          .put("ipv6_ip", address6)
          .put("ipv4_ip", "172.16.3.2");
      ObjectNode ports = net.putObject("mapped_ports");
      synchronized (forwards) {
        forwards.forEach((guest, forward) -> {
          if (guest != 22 || sshPort) {
            ports
                .putObject(Integer.toString(guest))
                .put("host", forward.port())
                .put("tcp", true)
                .put("udp", false);
          }
        });
      }
    }
    json.putObject("status")
        .put("defined_at", definedAt.toString())
        .put("preparing_at", definedAt.toString())
        .put("prepared_at", text(startedAt))
        .put("starting_at", text(startedAt))
        .put("started_at", text(startedAt))
        .put("stopping_at", text(stoppedAt))
        .put("stopped_at", text(stoppedAt));
    json.put("running", isRunning());
    if (!oldFields) {
      json.put("vm_type", "instance").put("awaiting_confidential_init", false);
    }
    return json;
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
