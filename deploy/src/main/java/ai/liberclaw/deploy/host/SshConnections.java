package ai.liberclaw.deploy.host;

import java.time.Duration;

/**
 * SSH connections to hosts: one for each login, which all that is done there shares, opened when it
 * is needed and closed when it is idle.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class SshConnections implements AutoCloseable {
  /**
   * Limits.
   *
   * @param connect for a connection, the keys' exchange and the login together
   * @param idle after which an unused connection is closed
   * @param alive how often an idle host is asked whether it is there
   */
  public record Settings(Duration connect, Duration idle, Duration alive) {
    public static Settings usual() {
      return new Settings(Duration.ofSeconds(15), Duration.ofMinutes(5), Duration.ofSeconds(15));
    }
  }

  public SshConnections(Settings settings) {}

  /** Asks a host for its key, to be confirmed by somebody; nothing else is sent to it. */
  public HostKey scan(String address, int port, Duration limit) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** The shell of a host; connects when it is used. */
  public HostShell shell(SshLogin login) {
    throw new UnsupportedOperationException();
  }

  /** Closes the connection of a login, if there is one. */
  public void forget(SshLogin login) {}

  @Override
  public void close() {}
}
