package ai.liberclaw.api.host;

import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A way into a machine whose host key the operator has confirmed. */
record ConfirmedLogin(int port, String user, HostKey hostKey, SshKey key) {
  private static final Duration SCAN_TIME_MAX = Duration.ofSeconds(15);
  private static final int SSH_PORT = 22;

  /**
   * Reads {@code --key}, {@code --port}, {@code --login} and {@code --fingerprint}.
   *
   * @param usualKey the key's file when {@code --key} names none
   * @param again what to repeat with the fingerprint
   * @return empty when the machine's key is not confirmed: what it shows was printed
   */
  static Optional<ConfirmedLogin> of(
      HostOptions options,
      String address,
      Optional<Path> usualKey,
      SshConnections connections,
      String again,
      PrintStream out)
      throws InterruptedException {
    Path keyFile =
        options
            .value("--key")
            .map(Path::of)
            .or(() -> usualKey)
            .orElseThrow(() ->
                new CommandException(
                    "--key wants the file of a private key that may log in now; it is not kept."));
    int port = options.number("--port", SSH_PORT);
    HostKey shown = connections.scan(address, port, SCAN_TIME_MAX);
    Optional<String> confirmed = options.value("--fingerprint");
    if (confirmed.isEmpty()) {
      out.println(
          "The machine shows the host key "
              + shown.fingerprint()
              + " ("
              + shown.type()
              + ").\nCompare it with what the machine's own console says"
              + " (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then repeat "
              + again
              + " with --fingerprint "
              + shown.fingerprint());
      return Optional.empty();
    }
    if (!confirmed.get().equals(shown.fingerprint())) {
      out.println("The machine shows another host key: " + shown.fingerprint());
      return Optional.empty();
    }
    return Optional.of(
        new ConfirmedLogin(port, options.value("--login").orElse("root"), shown, key(keyFile)));
  }

  private static SshKey key(Path file) {
    try {
      return SshKey.read(Files.readString(file));
    } catch (IOException e) {
      throw new CommandException("The key file cannot be read: " + e.getClass().getSimpleName());
    }
  }

  @Override
  public String toString() {
    return "ConfirmedLogin[" + user + ":" + port + "]";
  }
}
