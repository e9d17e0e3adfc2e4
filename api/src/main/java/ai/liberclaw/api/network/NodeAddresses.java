package ai.liberclaw.api.network;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.HostResolver;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks up the hosts of nodes. Addresses that are not public are not told to anybody. */
final class NodeAddresses {
  private static final int LOOKUPS_MAX = 50;
  private static final Duration ALL_MAX = Duration.ofMinutes(1);

  private final HostResolver resolver;
  private final AddressPolicy policy;

  NodeAddresses(HostResolver resolver, AddressPolicy policy) {
    this.resolver = resolver;
    this.policy = policy;
  }

  /** The public addresses of those nodes that have one, by their hash; IPv4 where there is one. */
  Map<String, InetAddress> find(List<Node> nodes) throws InterruptedException {
    Semaphore free = new Semaphore(LOOKUPS_MAX);
    Map<String, FutureTask<Optional<InetAddress>>> lookups = new LinkedHashMap<>();
    for (Node node : nodes) {
      FutureTask<Optional<InetAddress>> lookup =
          new FutureTask<>(() -> {
            free.acquire();
            try {
              return address(node);
            } finally {
              free.release();
            }
          });
      lookups.put(node.hash(), lookup);
      Thread.ofVirtual().name("node-lookup").start(lookup);
    }
    long end = System.nanoTime() + ALL_MAX.toNanos();
    Map<String, InetAddress> found = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, FutureTask<Optional<InetAddress>>> lookup : lookups.entrySet()) {
        lookup
            .getValue()
            .get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)
            .ifPresent(address -> found.put(lookup.getKey(), address));
      }
    } catch (TimeoutException _) {
      // What is found by then has to do.
    } catch (ExecutionException e) {
      throw new IllegalStateException("look-up failed", e.getCause());
    } finally {
      lookups.values().forEach(lookup -> lookup.cancel(true));
    }
    return found;
  }

  private Optional<InetAddress> address(Node node) {
    String host = NodeList.host(node.url()).orElse("");
    List<InetAddress> all;
    try {
      all = resolver.resolve(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
    } catch (UnknownHostException _) {
      return Optional.empty();
    }
    List<InetAddress> open = all.stream().filter(address -> !policy.blocked(address)).toList();
    return open.stream()
        .filter(Inet4Address.class::isInstance)
        .findFirst()
        .or(() -> open.stream().findFirst());
  }
}
