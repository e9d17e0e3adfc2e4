package ai.liberclaw.api.host;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.AgentAdoption;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** Takes agents of the original into this installation's care, on the machines they run on. */
public final class AdoptCommand implements Command {
  private static final String USAGE =
      """
      adopt agent <machine> <address> [--key <file>] [--fingerprint SHA256:…] [--port 22] [--login root] [--owner <e-mail or id>]
      adopt upgrade <agent id>   (puts our agent in its place, with its data)
      Without --key the key is that of LIBERCLAW_ALEPH_SSH_PRIVKEY_PATH.\
      """;

  private static final Set<String> WITH_VALUE =
      Set.of("--key", "--fingerprint", "--port", "--login", "--owner");

  private final Function<Map<String, String>, HostCommand.Settings> settings;

  public AdoptCommand(Function<Map<String, String>, HostCommand.Settings> settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "adopt";
  }

  @Override
  public String summary() {
    return "agent, upgrade: agents of the original, on the machines they run on";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out)
      throws InterruptedException {
    HostOptions options = HostOptions.of(arguments, WITH_VALUE, USAGE);
    HostCommand.Settings read = settings.apply(environment);
    try (PlatformDatabase database = PlatformDatabase.open(read.databaseUrl());
        SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      AgentAdoption adoption = new AgentAdoption(read.control(), database, connections);
      return switch (options.action()) {
        case "agent" ->
            adopt(options, adoption, database, read.control().aleph().loginKey(), connections, out);
        case "upgrade" -> upgrade(options, adoption, out);
        default -> throw new CommandException(USAGE);
      };
    } catch (ProviderException e) {
      out.println(e.text() + " (" + e.code() + ")");
      return FAILED;
    } catch (Refusal e) {
      out.println(e.text());
      return FAILED;
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private static int adopt(
      HostOptions options,
      AgentAdoption adoption,
      PlatformDatabase database,
      Optional<Path> usualKey,
      SshConnections connections,
      PrintStream out)
      throws InterruptedException {
    List<String> words = options.words(2);
    Optional<UUID> owner = options.value("--owner").map(named -> owner(database, named));
    Optional<ConfirmedLogin> login =
        ConfirmedLogin.of(options, words.get(1), usualKey, connections, "adopt agent", out);
    if (login.isEmpty()) {
      return FAILED;
    }
    UUID agent =
        adoption.adopt(
            new Hosts.Candidate(
                words.get(0),
                words.get(1),
                login.get().port(),
                login.get().user(),
                login.get().hostKey(),
                login.get().key(),
                false,
                1,
                Optional.empty()),
            owner);
    out.println(
        "Agent "
            + agent
            + " is served as it is, on a machine that takes no other. Its next update (its owner's,"
            + " fleet update, or adopt upgrade "
            + agent
            + ") puts ours in its place, with its data. The machine itself stays yours to pay for"
            + " and to end.");
    return DONE;
  }

  private static int upgrade(HostOptions options, AgentAdoption adoption, PrintStream out) {
    UUID agent = UUID.fromString(options.words(1).getFirst());
    if (!adoption.upgrade(agent)) {
      out.println("There is no such agent, or it cannot be updated now.");
      return FAILED;
    }
    out.println("The update is queued; a running server does it.");
    return DONE;
  }

  private static UUID owner(PlatformDatabase database, String named) {
    return OwnerStore.find(database.dsl(), named)
        .orElseThrow(() -> new CommandException("There is no such user: " + named));
  }
}
