package ai.liberclaw.api.command;

import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.keyring.KeyRotation;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Makes encryption keys, and brings what is stored under the current one. */
public final class KeysCommand implements Command {
  private static final int KEY_BYTES = 32;
  private static final int CONNECTIONS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String USAGE =
      """
      keys new      prints an encryption key
      keys check    counts what is stored under which key
      keys rotate   brings all that is stored under the current key\
      """;

  private final Function<Map<String, String>, Settings> settings;

  /** Where the secrets are and what reads them. */
  public record Settings(String databaseUrl, FernetKeys keys) {
    @Override
    public String toString() {
      return "Settings[hidden]";
    }
  }

  /**
   * @param settings reads them from the environment
   */
  public KeysCommand(Function<Map<String, String>, Settings> settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "keys";
  }

  @Override
  public String summary() {
    return "new | check | rotate: encryption keys of the database";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out)
      throws InterruptedException {
    if (arguments.size() != 1) {
      throw new CommandException(USAGE);
    }
    return switch (arguments.getFirst()) {
      case "new" -> {
        // 32 bytes are 43 characters, and a Fernet key is padded.
        out.println(Secrets.token(KEY_BYTES) + "=");
        yield DONE;
      }
      case "check" -> count(settings.apply(environment), false, out);
      case "rotate" -> count(settings.apply(environment), true, out);
      default -> throw new CommandException(USAGE);
    };
  }

  private static int count(Settings settings, boolean rotate, PrintStream out)
      throws InterruptedException {
    List<KeyRotation.Count> counts;
    try (PlatformDatabase database =
        PlatformDatabase.open(
            new PlatformDatabase.Settings(settings.databaseUrl(), CONNECTIONS, PATIENCE))) {
      KeyRotation rotation = new KeyRotation(database.dsl(), settings.keys());
      counts = rotate ? rotation.rotate() : rotation.count();
    }
    String line = "%-24s %9s %9s %9s %11s%n";
    out.printf(line, "column", "current", "renewed", "older", "unreadable");
    long older = 0;
    long unreadable = 0;
    for (KeyRotation.Count count : counts) {
      out.printf(
          line,
          count.column(),
          count.current(),
          count.renewed(),
          count.older(),
          count.unreadable());
      older += count.older();
      unreadable += count.unreadable();
    }
    if (unreadable > 0) {
      out.println(
          "Some secrets are under a key that LIBERCLAW_ENCRYPTION_KEY does not name. Add it at the"
              + " end of the list, or give it up: users enter their keys again, and those agents"
              + " have to be rebuilt.");
    }
    if (older > 0) {
      out.println(
          rotate
              ? "Some rows changed while this ran. Run it again."
              : "Older keys are still needed: keys rotate ends that.");
      return FAILED;
    }
    if (unreadable > 0) {
      return FAILED;
    }
    out.println("All is under the current key; older ones can be taken out of the list.");
    return DONE;
  }
}
