package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.config.EnvReader;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The engine of this machine, and what a container of it may use.
 *
 * @param socket the engine's; empty where none was named or found
 * @param base the file system below every agent: an image the engine has, or the path of a tar
 * @param memoryBytes of one agent with its tools; there is no swap beyond it
 * @param cpus of one agent
 * @param pidsMax processes and threads of one agent
 * @param tmpBytes of its {@code /tmp}, which is memory
 * @param logBytes of its log, of which the engine keeps two files
 * @param dns name servers, instead of those the engine takes from this machine
 * @param ulimits as {@code name=soft:hard}
 */
public record ContainerSettings(
    Optional<Path> socket,
    Optional<String> base,
    long memoryBytes,
    double cpus,
    int pidsMax,
    long tmpBytes,
    long logBytes,
    EgressRules rules,
    List<InetAddress> dns,
    List<Ulimit> ulimits) {
  private static final long MIB = 1L << 20;
  private static final String SCHEME = "unix://";
  private static final Pattern ULIMIT = Pattern.compile("([a-z]{2,12})=(\\d{1,10}):(\\d{1,10})");

  /** A limit of the kernel for each process or user. */
  public record Ulimit(String name, long soft, long hard) {}

  public ContainerSettings {
    dns = List.copyOf(dns);
    ulimits = List.copyOf(ulimits);
  }

  /** The same for containers that also reach this, wherever it is. */
  public ContainerSettings reaching(Optional<URI> gateway) {
    return new ContainerSettings(
        socket,
        base,
        memoryBytes,
        cpus,
        pidsMax,
        tmpBytes,
        logBytes,
        new EgressRules(rules.open(), rules.allowed(), gateway),
        dns,
        ulimits);
  }

  /** Reads the variables; problems are noted in the reader. */
  public static ContainerSettings read(EnvReader env) {
    return new ContainerSettings(
        socket(env),
        env.optional(
            "CONTAINER_BASE", "file system of containers: an image of the engine, or a tar's path"),
        env.integer("LIBERCLAW_CONTAINER_MEMORY_MIB", 1024, 256, 1 << 20, "memory of an agent")
            * MIB,
        env.decimal("LIBERCLAW_CONTAINER_CPUS", 1.0, 0.05, 1024, "processors of an agent"),
        Math.toIntExact(
            env.integer("LIBERCLAW_CONTAINER_PIDS", 512, 64, 32_768, "processes of an agent")),
        env.integer("LIBERCLAW_CONTAINER_TMP_MIB", 256, 16, 1 << 16, "an agent's /tmp, in memory")
            * MIB,
        env.integer("LIBERCLAW_CONTAINER_LOG_MIB", 8, 1, 1024, "log of an agent, kept twice") * MIB,
        rules(env),
        dns(env),
        ulimits(env));
  }

  private static Optional<Path> socket(EnvReader env) {
    Optional<String> named =
        env.optional(
            "CONTAINER_HOST", "the engine's socket, unix://… (default: Docker's, Podman's)");
    if (named.isPresent()) {
      String path = named.get();
      if (!path.startsWith(SCHEME + "/")) {
        env.problem("CONTAINER_HOST", "must be unix:// and an absolute path");
        return Optional.empty();
      }
      return Optional.of(Path.of(path.substring(SCHEME.length())));
    }
    List<Path> usual = new ArrayList<>(List.of(Path.of("/var/run/docker.sock")));
    env.optional("XDG_RUNTIME_DIR", "where the socket of a user's own Podman is looked for")
        .ifPresent(dir -> usual.add(Path.of(dir, "podman", "podman.sock")));
    usual.add(Path.of("/run/podman/podman.sock"));
    return usual.stream().filter(Files::exists).findFirst();
  }

  private static EgressRules rules(EnvReader env) {
    String name = "LIBERCLAW_CONTAINER_ALLOW";
    List<EgressRules.Allowed> allowed = new ArrayList<>();
    for (String text :
        env.list(
            name, List.of(), "private addresses agents may reach: 10.0.0.5:11434,10.1.0.0/16")) {
      EgressRules.Allowed.parse(text)
          .ifPresentOrElse(
              allowed::add,
              () -> env.problem(name, "must be addresses, with a prefix or a port if need be"));
    }
    String egress =
        env.choice(
            "LIBERCLAW_CONTAINER_EGRESS",
            "public",
            List.of("public", "any"),
            "where agents may connect to; any: no rules, this machine's own services included");
    return new EgressRules(egress.equals("any"), allowed, Optional.empty());
  }

  private static List<InetAddress> dns(EnvReader env) {
    String name = "LIBERCLAW_CONTAINER_DNS";
    List<InetAddress> servers = new ArrayList<>();
    for (String text : env.list(name, List.of(), "name servers of containers")) {
      try {
        servers.add(InetAddress.ofLiteral(text));
      } catch (IllegalArgumentException _) {
        env.problem(name, "must be IP addresses");
      }
    }
    return servers;
  }

  private static List<Ulimit> ulimits(EnvReader env) {
    String name = "LIBERCLAW_CONTAINER_ULIMITS";
    List<Ulimit> ulimits = new ArrayList<>();
    for (String text :
        env.list(name, List.of("core=0:0", "nofile=4096:4096"), "kernel limits: name=soft:hard")) {
      Matcher parts = ULIMIT.matcher(text);
      if (parts.matches()) {
        ulimits.add(
            new Ulimit(
                parts.group(1), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3))));
      } else {
        env.problem(name, "must be a list of name=soft:hard");
      }
    }
    return ulimits;
  }
}
