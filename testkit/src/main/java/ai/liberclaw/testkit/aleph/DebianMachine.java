package ai.liberclaw.testkit.aleph;

import ai.liberclaw.testkit.host.DebianHost;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A real host as a virtual machine. */
final class DebianMachine implements Machine {
  private final DebianHost host;
  private volatile String address;

  DebianMachine(DebianHost host) {
    this.host = host;
    this.address = host.address();
  }

  @Override
  public Optional<InetSocketAddress> address(int port) {
    return Optional.of(new InetSocketAddress(address, port));
  }

  @Override
  public Optional<DebianHost> host() {
    return Optional.of(host);
  }

  @Override
  public void reboot() {
    host.reboot();
    address = host.address();
  }

  @Override
  public void stop() {
    host.stop();
  }

  @Override
  public void startAgain() {
    host.startAgain();
    // A container gets another address at each start.
    address = host.address();
  }

  @Override
  public void close() {
    host.close();
  }
}
