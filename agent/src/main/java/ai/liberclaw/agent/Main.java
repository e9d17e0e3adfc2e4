package ai.liberclaw.agent;

import ai.liberclaw.agent.eval.EvalCommand;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.log.Logging;
import ai.liberclaw.core.secret.EnvironmentBlock;
import ai.liberclaw.core.web.HeaderValues;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts the agent that the environment describes. */
public final class Main {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_CONFIG = 2;
  private static final String EVAL = "eval";

  private Main() {}

  /**
   * @param args none serves; {@code --help} prints the variables; {@code eval <file or folder>}
   *     runs cases with a scripted model
   */
  public static void main(String[] args) {
    if (args.length == 2 && args[0].equals(EVAL)) {
      System.exit(eval(Path.of(args[1])));
    }
    Logging.toStandardOutput("json".equalsIgnoreCase(System.getenv(Logging.FORMAT_VARIABLE)));
    if (args.length > 0) {
      System.exit(help(args));
    }
    try {
      HeaderValues.prepare();
      AgentServer server = AgentServer.start(config(System.getenv(), Path.of("")));
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
    } catch (ConfigException e) {
      e.problems().forEach(problem -> System.err.println("Configuration: " + problem));
      System.exit(EXIT_CONFIG);
    } catch (IOException | RuntimeException e) {
      Logger log = System.getLogger(Main.class.getName());
      log.log(Level.ERROR, "agent.not_started reason={0}", e.toString());
      log.log(Level.DEBUG, "agent.not_started", e);
      System.exit(EXIT_FAILED);
    }
  }

  /**
   * Reads the configuration, then empties the secrets in the environment block: the agent's tools
   * may run as the same user, who can read that.
   */
  static AgentConfig config(Map<String, String> environment, Path workingDirectory) {
    Map<String, String> all = Environment.read(environment, workingDirectory);
    EnvReader read = new EnvReader(all);
    AgentConfig config = AgentConfig.read(read, all);
    List<String> secrets =
        environment.keySet().stream()
            .filter(name -> AgentConfig.SECRET_NAMES.stream().anyMatch(name::equalsIgnoreCase))
            .toList();
    if (!secrets.isEmpty() && !EnvironmentBlock.empty(secrets)) {
      System.getLogger(Main.class.getName())
          .log(Level.WARNING, "config.environment_not_emptied variables={0}", secrets.size());
    }
    read.throwIfProblems();
    return config;
  }

  /** Logs to standard error, and only what is wrong: standard output is for the report. */
  private static int eval(Path cases) {
    java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.WARNING);
    try {
      return new EvalCommand(new EvalAgent(System.getenv()), System.out).run(cases);
    } catch (InterruptedException _) {
      return EXIT_FAILED;
    }
  }

  private static int help(String[] args) {
    if (args.length == 1 && args[0].equals("--help")) {
      System.out.print(
          EnvReader.help(
              "The LiberClaw agent. It is configured by these variables, by a JSON file named in "
                  + Environment.CONFIG_FILE
                  + ", or by a file .env in the working directory. With the arguments eval <file or"
                  + " folder> it runs cases with a scripted model and ends.",
              read -> AgentConfig.read(read, Map.of())));
      return 0;
    }
    System.err.println("Unknown arguments. There are --help, and eval <file or folder>.");
    return EXIT_CONFIG;
  }
}
