package ai.liberclaw.api.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.testkit.process.ServerProcess;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfirmedLoginTest {
  private static final String HERE = "127.0.0.1";

  @Test
  void withoutAKeyOnTheLineTheUsualOneIsTaken() {
    List<String> arguments =
        List.of("agent", "old", HERE, "--port", Integer.toString(ServerProcess.freePort()));
    HostOptions options = HostOptions.of(arguments, Set.of("--port", "--key"), "usage");
    try (SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      PrintStream out = new PrintStream(OutputStream.nullOutputStream());
      CommandException none =
          assertThrows(
              CommandException.class,
              () -> ConfirmedLogin.of(options, HERE, Optional.empty(), connections, "adopt", out));
      assertTrue(String.valueOf(none.getMessage()).startsWith("--key wants"), none.getMessage());
      Optional<Path> usual = Optional.of(Path.of("/keys/original"));
      ProviderException asked =
          assertThrows(
              ProviderException.class,
              () -> ConfirmedLogin.of(options, HERE, usual, connections, "adopt", out));
      assertEquals("host_unreachable", asked.code(), "the machine was asked");
    }
  }
}
