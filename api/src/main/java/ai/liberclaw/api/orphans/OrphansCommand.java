package ai.liberclaw.api.orphans;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.reconcile.Orphan;
import ai.liberclaw.deploy.reconcile.Orphans;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** {@code orphans [destroy|keep <provider> <name>]}. A running server does what was decided. */
public final class OrphansCommand implements Command {
  private static final String USAGE =
      "Usage: orphans | orphans destroy <provider> <name> | orphans keep <provider> <name>";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int CONNECTIONS = 1;

  private final Function<Map<String, String>, String> databaseUrl;

  /**
   * @param databaseUrl read from the environment
   */
  public OrphansCommand(Function<Map<String, String>, String> databaseUrl) {
    this.databaseUrl = databaseUrl;
  }

  @Override
  public String name() {
    return "orphans";
  }

  @Override
  public String summary() {
    return "machines nobody owns: list them, let one be destroyed, keep one";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out) {
    String verb = arguments.isEmpty() ? "list" : arguments.getFirst();
    if (verb.equals("list") ? arguments.size() > 1 : arguments.size() != 3) {
      throw new CommandException(USAGE);
    }
    try (PlatformDatabase database =
        PlatformDatabase.open(
            new PlatformDatabase.Settings(databaseUrl.apply(environment), CONNECTIONS, PATIENCE))) {
      Orphans orphans = new Orphans(database.dsl(), Clock.systemUTC());
      return switch (verb) {
        case "list" -> list(orphans, out);
        case "destroy" ->
            decided(
                orphans.destroy(arguments.get(1), arguments.get(2)),
                "It is destroyed at the next look.",
                out);
        case "keep" ->
            decided(orphans.keep(arguments.get(1), arguments.get(2)), "It is kept.", out);
        default -> throw new CommandException(USAGE);
      };
    }
  }

  private static int list(Orphans orphans, PrintStream out) {
    List<Orphan> all = orphans.list();
    if (all.isEmpty()) {
      out.println("Nothing that nobody owns.");
    }
    for (Orphan orphan : all) {
      String until =
          switch (orphan.state()) {
            case QUARANTINED -> "destroyed after " + orphan.destroyAfter();
            case HELD -> "too many at once: waits for your word";
            case APPROVED -> "destroyed at the next look";
            case DESTROYED -> "gone";
            case OWNED -> "kept";
          };
      out.println(
          orphan.provider()
              + " "
              + orphan.externalId()
              + " seen "
              + orphan.firstSeenAt()
              + ": "
              + until
              + orphan.errorCode().map(code -> " (last try: " + code + ")").orElse(""));
    }
    return DONE;
  }

  private static int decided(boolean found, String answer, PrintStream out) {
    out.println(found ? answer : "There is no such one; orphans lists them.");
    return found ? DONE : FAILED;
  }
}
