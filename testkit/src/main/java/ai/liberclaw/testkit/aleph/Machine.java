package ai.liberclaw.testkit.aleph;

import ai.liberclaw.testkit.host.DebianHost;
import java.net.InetSocketAddress;
import java.util.Optional;

/** What runs as a virtual machine. */
public interface Machine extends AutoCloseable {
  /** Where a port of it is reached from here; empty when nothing can be there. */
  Optional<InetSocketAddress> address(int port);

  /** The Debian it is, when it is one. */
  default Optional<DebianHost> host() {
    return Optional.empty();
  }

  default void reboot() {}

  /** Shuts it down; its disk stays. */
  default void stop() {}

  /** After {@link #stop}. */
  default void startAgain() {}

  /** It and its disk are gone. */
  @Override
  void close();
}
