package ai.liberclaw.testkit.aleph;

import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.DebianHostPlan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where nodes get machines from. */
@FunctionalInterface
public interface Machines {
  /**
   * Starts one; the message asks for it.
   *
   * @param authorizedKeys lines that let root in
   */
  Machine start(String hash, List<String> authorizedKeys);

  /** Machines that run nothing: connections to their ports end at once. Quick. */
  static Machines none() {
    return at(Map.of());
  }

  /** Machines that are servers of the test itself: loopback ports by the machine's own. */
  static Machines at(Map<Integer, Integer> loopbackPorts) {
    return (_, _) ->
        new Machine() {
          @Override
          public Optional<InetSocketAddress> address(int port) {
            return Optional.ofNullable(loopbackPorts.get(port))
                .map(local -> new InetSocketAddress(InetAddress.getLoopbackAddress(), local));
          }

          @Override
          public void close() {}
        };
  }

  /** Real Debian hosts; tests that use them are {@link ai.liberclaw.testkit.host.OnHosts}. */
  static Machines debian() {
    return (_, keys) -> {
      DebianHostPlan plan = DebianHost.plan();
      keys.forEach(plan::authorize);
      DebianHost host = plan.start();
      return new DebianMachine(host);
    };
  }
}
