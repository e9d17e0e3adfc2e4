package ai.liberclaw.api.host;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.ControlPlaneConfig;
import ai.liberclaw.deploy.host.HostFacts;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.ssh.Host;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Registers the machines that agents of provider {@code ssh} live on, and looks after them. */
public final class HostCommand implements Command {
  private static final Duration SCAN_TIME_MAX = Duration.ofSeconds(15);
  private static final int AGENTS_MAX = 20;
  private static final int SSH_PORT = 22;
  private static final long MIB = 1024 * 1024;

  private final Function<Map<String, String>, Settings> settings;

  /** What it needs of the server's configuration. */
  public record Settings(String databaseUrl, ControlPlaneConfig control) {
    @Override
    public String toString() {
      return "Settings[]";
    }
  }

  public HostCommand(Function<Map<String, String>, Settings> settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "host";
  }

  @Override
  public String summary() {
    return "machines for agents: add, list, check, close, open, remove";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out)
      throws InterruptedException {
    HostOptions options = HostOptions.of(arguments);
    Settings read = settings.apply(environment);
    try (PlatformDatabase database = PlatformDatabase.open(read.databaseUrl());
        SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      Hosts hosts = ControlPlane.hosts(read.control(), database, connections);
      return switch (options.action()) {
        case "add" -> add(options, hosts, connections, out);
        case "list" -> list(hosts, out);
        case "check" -> check(options, hosts, out);
        case "close", "open" -> {
          Host host = named(hosts, options.words(1).getFirst());
          hosts.close(host, options.action().equals("close"));
          out.println(
              host.name()
                  + (options.action().equals("close")
                      ? " takes no new agents."
                      : " takes new agents."));
          yield DONE;
        }
        case "remove" -> remove(options, hosts, out);
        default -> throw new CommandException(HostOptions.USAGE);
      };
    } catch (ProviderException e) {
      out.println(e.text() + " (" + e.code() + ")");
      return FAILED;
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private static int add(
      HostOptions options, Hosts hosts, SshConnections connections, PrintStream out)
      throws InterruptedException {
    List<String> words = options.words(2);
    Path keyFile =
        options
            .value("--key")
            .map(Path::of)
            .orElseThrow(() ->
                new CommandException(
                    "--key wants the file of a private key that may log in now; it is not kept."));
    String address = words.get(1);
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
              + " (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then repeat the command with"
              + " --fingerprint "
              + shown.fingerprint());
      return FAILED;
    }
    if (!confirmed.get().equals(shown.fingerprint())) {
      out.println("The machine shows another host key: " + shown.fingerprint());
      return FAILED;
    }
    Hosts.Candidate candidate =
        new Hosts.Candidate(
            words.get(0),
            address,
            port,
            options.value("--login").orElse("root"),
            shown,
            key(keyFile),
            options.rootless(),
            options.number("--agents", AGENTS_MAX));
    if (hosts.known(candidate)) {
      throw new CommandException("A machine of this name, or at this address, is registered.");
    }
    Host host = hosts.add(candidate);
    out.println(host.name() + " is registered: " + facts(HostFacts.of(host.facts())));
    return DONE;
  }

  private static SshKey key(Path file) {
    try {
      return SshKey.read(Files.readString(file));
    } catch (IOException e) {
      throw new CommandException("The key file cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static int list(Hosts hosts, PrintStream out) {
    out.println("%-20s %-30s %-12s %-8s %s".formatted("NAME", "LOGIN", "STATE", "AGENTS", "SEEN"));
    for (Host host : hosts.all()) {
      out.println(
          "%-20s %-30s %-12s %-8s %s"
              .formatted(
                  host.name(),
                  host.login() + "@" + host.address() + ":" + host.port(),
                  host.state() + host.errorCode().map(code -> " (" + code + ")").orElse(""),
                  hosts.agents(host) + "/" + host.agentsMax(),
                  host.lastSeenAt().map(Object::toString).orElse("never")));
    }
    return DONE;
  }

  private static int check(HostOptions options, Hosts hosts, PrintStream out)
      throws InterruptedException {
    List<Host> asked =
        options.words().isEmpty()
            ? hosts.all()
            : List.of(named(hosts, options.words(1).getFirst()));
    int status = DONE;
    for (Host host : asked) {
      try {
        out.println(host.name() + ": " + facts(hosts.check(host)));
      } catch (ProviderException e) {
        out.println(host.name() + ": " + e.text() + " (" + e.code() + ")");
        status = FAILED;
      }
    }
    return status;
  }

  private static int remove(HostOptions options, Hosts hosts, PrintStream out)
      throws InterruptedException {
    Host host = named(hosts, options.words(1).getFirst());
    int agents = hosts.agents(host);
    if (agents > 0) {
      out.println(host.name() + " has " + agents + " agents; delete or rebuild them first.");
      return FAILED;
    }
    boolean cleaned = hosts.remove(host);
    out.println(
        host.name()
            + (cleaned
                ? " is forgotten, and our key is gone from it."
                : " is forgotten; our key could not be taken from its authorized_keys."));
    return DONE;
  }

  private static Host named(Hosts hosts, String name) {
    return hosts
        .named(name)
        .orElseThrow(() -> new CommandException("No machine of the name " + name + "."));
  }

  private static String facts(HostFacts facts) {
    return "%s, %s, %d MiB memory, %d MiB disk free, %s, clock %+d s"
        .formatted(
            facts.os(),
            facts.machine(),
            facts.memoryBytes() / MIB,
            facts.diskFreeBytes() / MIB,
            facts.systemd() ? "systemd" : "no systemd",
            facts.clockSkewSeconds());
  }
}
