package ai.liberclaw.api.host;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.ControlPlaneConfig;
import ai.liberclaw.deploy.host.HostFacts;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.ssh.Host;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Registers the machines that agents of provider {@code ssh} live on, and looks after them. */
public final class HostCommand implements Command {
  private static final int AGENTS_MAX = 20;
  private static final String NO_PROXY =
      "Public names want Caddy: make proxy-artifact, or LIBERCLAW_PROXY_ARTIFACT.";
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
    return "machines for agents: add, list, check, close, open, name, remove";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out)
      throws InterruptedException {
    HostOptions options = HostOptions.of(arguments);
    Settings read = settings.apply(environment);
    boolean names = read.control().proxy().artifact().isPresent();
    try (PlatformDatabase database = PlatformDatabase.open(read.databaseUrl());
        SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      Hosts hosts = ControlPlane.hosts(read.control(), database, connections);
      return switch (options.action()) {
        case "add" -> add(options, hosts, connections, names, out);
        case "name" -> name(options, hosts, names, out);
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
      HostOptions options, Hosts hosts, SshConnections connections, boolean names, PrintStream out)
      throws InterruptedException {
    List<String> words = options.words(2);
    Optional<ConfirmedLogin> login =
        ConfirmedLogin.of(options, words.get(1), Optional.empty(), connections, "host add", out);
    if (login.isEmpty()) {
      return FAILED;
    }
    Hosts.Candidate candidate =
        new Hosts.Candidate(
            words.get(0),
            words.get(1),
            login.get().port(),
            login.get().user(),
            login.get().hostKey(),
            login.get().key(),
            options.rootless(),
            options.number("--agents", AGENTS_MAX),
            options.value("--public-name"));
    if (candidate.publicName().isPresent() && !names) {
      throw new CommandException(NO_PROXY);
    }
    if (hosts.known(candidate)) {
      throw new CommandException("A machine of this name, or at this address, is registered.");
    }
    Host host = hosts.add(candidate);
    out.println(host.name() + " is registered: " + facts(HostFacts.of(host.facts())));
    return DONE;
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

  private static int name(HostOptions options, Hosts hosts, boolean names, PrintStream out) {
    List<String> words = options.words();
    if (words.isEmpty() || words.size() > 2) {
      throw new CommandException(HostOptions.USAGE);
    }
    Host host = named(hosts, words.getFirst());
    Optional<String> name = words.size() == 2 ? Optional.of(words.get(1)) : Optional.empty();
    if (name.isPresent() && !names) {
      throw new CommandException(NO_PROXY);
    }
    hosts.name(host, name);
    out.println(
        host.name()
            + name.map(n -> ": agents get names below " + n + " with their next update.")
                .orElse(": agents lose their names with their next update."));
    return DONE;
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
