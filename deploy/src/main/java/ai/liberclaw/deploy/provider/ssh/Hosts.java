package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.core.secret.Envelope;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.adopt.OriginalAgent;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.HostFacts;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.host.SshLogin;
import ai.liberclaw.deploy.host.SshLogins;
import ai.liberclaw.deploy.provider.ProviderException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The machines that are registered. Each has a login key of its own, made here and encrypted in the
 * database; the key it was registered with is used once.
 */
public final class Hosts implements SshLogins {
  private static final Duration COMMAND_TIME_MAX = Duration.ofSeconds(20);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern LOGIN = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.:-]{0,252}");

  private static final Pattern PUBLIC_NAME =
      Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final int PUBLIC_NAME_LENGTH_MAX = 240;

  private final PlatformDatabase database;
  private final Envelope envelope;
  private final SshConnections connections;
  private final UUID installation;

  /**
   * A machine to be registered.
   *
   * @param hostKey as somebody confirmed it
   * @param key logs in now; not kept
   * @param publicName a DNS name; every name below it must lead to the machine
   */
  public record Candidate(
      String name,
      String address,
      int port,
      String login,
      HostKey hostKey,
      SshKey key,
      boolean rootless,
      int agentsMax,
      Optional<String> publicName) {
    public Candidate {
      require(NAME.matcher(name).matches(), "the name must be letters, digits, dots and dashes");
      require(ADDRESS.matcher(address).matches(), "the address is neither a name nor an address");
      require(port > 0 && port < 65_536, "the port must be between 1 and 65535");
      require(LOGIN.matcher(login).matches(), "the login is no user name");
      require(agentsMax > 0 && agentsMax <= 4000, "the agents must be between 1 and 4000");
      publicName.ifPresent(Hosts::checkPublicName);
      require(
          publicName.isEmpty() || !rootless, "public names want a login that is root, or may be");
    }
  }

  public Hosts(
      PlatformDatabase database, Envelope envelope, SshConnections connections, UUID installation) {
    this.database = database;
    this.envelope = envelope;
    this.connections = connections;
    this.installation = installation;
  }

  /**
   * Logs in, looks whether agents can be made there, leaves a key of our own, logs in with that,
   * and registers the machine.
   *
   * @throws ProviderException when one of these fails; then nothing is registered
   */
  public Host add(Candidate candidate) throws InterruptedException {
    SshLogin first = login(candidate, candidate.key());
    SshKey own = SshKey.generate();
    HostFacts facts;
    try {
      HostShell shell = connections.shell(first);
      facts = new HostAgents(shell, installation).facts();
      if (candidate.publicName().isPresent() && !facts.systemd()) {
        throw new ProviderException(
            "proxy_systemd", "Public names want a machine with systemd.", false, null);
      }
      authorize(shell, candidate, own);
    } finally {
      connections.forget(first);
    }
    SshLogin second = login(candidate, own);
    facts = new HostAgents(connections.shell(second), installation).facts();
    UUID id = UUID.randomUUID();
    Host host =
        new Host(
            id,
            Optional.empty(),
            candidate.name(),
            candidate.address(),
            candidate.port(),
            candidate.login(),
            candidate.hostKey(),
            envelope.seal(own.privateKey(), place(id)),
            candidate.rootless(),
            candidate.agentsMax(),
            candidate.publicName(),
            facts.json(),
            Host.READY,
            Optional.empty(),
            Optional.empty());
    HostStore.insert(database.dsl(), host);
    return host;
  }

  public List<Host> all() {
    return HostStore.all(database.dsl());
  }

  /** One of the operator's. */
  public Optional<Host> named(String name) {
    return HostStore.named(database.dsl(), name);
  }

  /** Whether one of that name or at that place is registered. */
  public boolean known(Candidate candidate) {
    return all().stream()
        .anyMatch(host ->
            host.name().equals(candidate.name())
                || (host.address().equals(candidate.address())
                    && host.port() == candidate.port()
                    && host.login().equals(candidate.login())));
  }

  /** The one at that place, if it shows the key that was confirmed. */
  public Optional<Host> at(Candidate candidate) {
    return all().stream()
        .filter(host ->
            host.address().equals(candidate.address())
                && host.port() == candidate.port()
                && host.login().equals(candidate.login())
                && host.hostKey().equals(candidate.hostKey()))
        .findFirst();
  }

  public int agents(Host host) {
    return HostStore.agents(database.dsl(), host.id());
  }

  /**
   * Logs in and looks at the machine; what was found is kept with it.
   *
   * @throws ProviderException when it cannot be reached, or lacks what agents need
   */
  public HostFacts check(Host host) throws InterruptedException {
    try {
      HostFacts facts = on(host).facts();
      HostStore.seen(database.dsl(), host.id(), facts);
      return facts;
    } catch (ProviderException e) {
      HostStore.failed(database.dsl(), host.id(), e.code());
      throw e;
    }
  }

  /** Whether it takes new agents. */
  public void close(Host host, boolean closed) {
    HostStore.setState(database.dsl(), host.id(), closed ? Host.CLOSED : Host.READY);
  }

  /**
   * Gives the machine's agents names below this one, from their next update on; empty: none.
   *
   * @throws IllegalArgumentException when it is no name, or the machine cannot have one
   */
  public void name(Host host, Optional<String> publicName) {
    publicName.ifPresent(Hosts::checkPublicName);
    require(
        publicName.isEmpty() || !host.rootless(),
        "public names want a login that is root, or may be");
    HostStore.setPublicName(database.dsl(), host.id(), publicName);
  }

  private static void checkPublicName(String name) {
    // An agent's own label of 12 digits and a dot go before it.
    require(
        PUBLIC_NAME.matcher(name).matches() && name.length() <= PUBLIC_NAME_LENGTH_MAX,
        "the public name is no host name");
  }

  /**
   * Forgets a machine without agents, and takes our key from it, if it can be reached.
   *
   * @return whether the key was taken away
   */
  public boolean remove(Host host) throws InterruptedException {
    boolean cleaned = false;
    try {
      cleaned =
          connections
                  .shell(login(host))
                  .run(
                      """
                      file=%s/.ssh/authorized_keys
                      grep -vF -f /dev/stdin "$file" > "$file.new" || true
                      cat "$file.new" > "$file" && rm -f "$file.new"
                      """
                          .formatted(home(host.rootless(), host.login())),
                      out -> out.write(bytes(login(host).key().authorizedKey())),
                      COMMAND_TIME_MAX)
                  .exit()
              == 0;
    } catch (ProviderException _) {
      // It may be long gone.
    }
    connections.forget(login(host));
    HostStore.delete(database.dsl(), host.id());
    new Alarms(database.dsl()).clear(HostKeeper.alarm(host));
    return cleaned;
  }

  /** The agents of a machine. */
  HostAgents on(Host host) {
    return new HostAgents(shell(host), installation);
  }

  /** The machine's agent of the original, should it have one. */
  OriginalAgent original(Host host) {
    return new OriginalAgent(shell(host), installation);
  }

  HostShell shell(Host host) {
    return connections.shell(login(host));
  }

  SshLogin login(Host host) {
    return new SshLogin(
        host.address(),
        host.port(),
        host.login(),
        host.hostKey(),
        SshKey.read(envelope.open(host.sealedKey(), place(host.id()))),
        host.rootless());
  }

  @Override
  public Optional<SshLogin> find(UUID via) {
    return HostStore.find(database.dsl(), via).map(this::login);
  }

  private static void authorize(HostShell shell, Candidate candidate, SshKey key)
      throws InterruptedException {
    HostShell.Result result =
        shell.run(
            """
            file=%s/.ssh/authorized_keys
            [ -z "$(tail -c 1 "$file" 2> /dev/null)" ] || echo >> "$file"
            cat >> "$file"
            """
                .formatted(home(candidate.rootless(), candidate.login())),
            out -> out.write(bytes(key.authorizedKey() + "\n")),
            COMMAND_TIME_MAX);
    if (result.exit() != 0) {
      throw new ProviderException(
          "key_refused", "The machine took no key for the login.", false, null);
    }
  }

  /** The home directory of the login, also where the script runs as root by sudo. */
  private static String home(boolean rootless, String login) {
    return rootless ? "$HOME" : "$(getent passwd " + login + " | cut -d : -f 6)";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static SshLogin login(Candidate candidate, SshKey key) {
    return new SshLogin(
        candidate.address(),
        candidate.port(),
        candidate.login(),
        candidate.hostKey(),
        key,
        candidate.rootless());
  }

  private static Envelope.Place place(UUID id) {
    return new Envelope.Place("hosts", "ssh_key", id);
  }

  private static void require(boolean holds, String problem) {
    if (!holds) {
      throw new IllegalArgumentException(problem);
    }
  }
}
