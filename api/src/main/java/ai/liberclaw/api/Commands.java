package ai.liberclaw.api;

import ai.liberclaw.api.budget.BudgetCommand;
import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.api.command.KeysCommand;
import ai.liberclaw.api.fleet.FleetCommand;
import ai.liberclaw.api.host.HostCommand;
import ai.liberclaw.api.orphans.OrphansCommand;
import ai.liberclaw.api.releases.ReleaseCommand;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.DotEnv;
import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.db.DatabaseException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code java -jar api.jar} does when it is given arguments. */
final class Commands {
  private static final Logger LOG = System.getLogger(Commands.class.getName());

  private final List<Command> commands;
  private final PrintStream out;
  private final PrintStream err;

  Commands(List<Command> commands, PrintStream out, PrintStream err) {
    this.commands = List.copyOf(commands);
    this.out = out;
    this.err = err;
  }

  static Commands standard() {
    return new Commands(
        List.of(
            DoctorChecks.command(),
            new HostCommand(Commands::host),
            new ReleaseCommand(Commands::releases),
            new FleetCommand(FleetDatabase::open),
            new OrphansCommand(environment -> ApiConfig.fromEnv(environment).databaseUrl()),
            new BudgetCommand(environment -> ApiConfig.fromEnv(environment).databaseUrl()),
            new KeysCommand(Commands::keys)),
        System.out,
        System.err);
  }

  private static HostCommand.Settings host(Map<String, String> environment) {
    ApiConfig config = ApiConfig.fromEnv(environment);
    return new HostCommand.Settings(config.databaseUrl(), config.control());
  }

  private static ReleaseCommand.Settings releases(Map<String, String> environment) {
    ApiConfig config = ApiConfig.fromEnv(environment);
    return new ReleaseCommand.Settings(config.databaseUrl(), config.control().releases());
  }

  private static KeysCommand.Settings keys(Map<String, String> environment) {
    ApiConfig config = ApiConfig.fromEnv(environment);
    return new KeysCommand.Settings(config.databaseUrl(), config.control().keys());
  }

  /** Returns the exit status of the process. */
  int run(List<String> arguments) throws InterruptedException {
    String first = arguments.getFirst();
    if (first.equals("--help") || first.equals("-h")) {
      out.println(help());
      return Command.DONE;
    }
    Optional<Command> command = commands.stream().filter(c -> c.name().equals(first)).findFirst();
    if (command.isEmpty()) {
      err.println("Unknown argument " + first + ". --help lists what there is.");
      return Command.REFUSED;
    }
    try {
      Map<String, String> environment =
          ApiConfig.withDevSecrets(DotEnv.merge(System.getenv(), Path.of(".env")));
      return command.get().run(arguments.subList(1, arguments.size()), environment, out);
    } catch (ConfigException | DatabaseException | CommandException e) {
      err.println(e.getMessage());
      return Command.REFUSED;
    } catch (RuntimeException e) {
      String id = ErrorId.next();
      LOG.log(Level.ERROR, "command.failed command=" + first + " id=" + id, e);
      err.println("Unexpected error " + id + "; the log above says more.");
      return Command.FAILED;
    }
  }

  private String help() {
    StringBuilder text = new StringBuilder(ApiConfig.help());
    if (!commands.isEmpty()) {
      text.append("\n\nCommands (java -jar api.jar <command>; no command starts the server):\n");
      for (Command command : commands) {
        text.append("  %-10s %s%n".formatted(command.name(), command.summary()));
      }
    }
    return text.toString().stripTrailing();
  }
}
