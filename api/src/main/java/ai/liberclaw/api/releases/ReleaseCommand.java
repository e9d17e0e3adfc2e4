package ai.liberclaw.api.releases;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.release.BundleException;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.ReleaseSettings;
import ai.liberclaw.deploy.release.Releases;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** {@code release list|add|use}: bundles this installation has, and the one new agents get. */
public final class ReleaseCommand implements Command {
  private static final String USAGE = "release list | release add <folder> | release use <id>";

  /**
   * What of the server's configuration it takes.
   *
   * @param databaseUrl may hold a password
   */
  public record Settings(String databaseUrl, ReleaseSettings releases) {
    @Override
    public String toString() {
      return "Settings[" + releases + "]";
    }
  }

  private final Function<Map<String, String>, Settings> configuration;

  public ReleaseCommand(Function<Map<String, String>, Settings> configuration) {
    this.configuration = configuration;
  }

  @Override
  public String name() {
    return "release";
  }

  @Override
  public String summary() {
    return "list, add <folder>, use <id>: bundles of the agent, and the one new agents get";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out) {
    String verb = arguments.isEmpty() ? "" : arguments.getFirst();
    if (arguments.size() != (verb.equals("list") ? 1 : 2)
        || !List.of("list", "add", "use").contains(verb)) {
      throw new CommandException(USAGE);
    }
    Settings settings = configuration.apply(environment);
    try (PlatformDatabase database = PlatformDatabase.open(settings.databaseUrl())) {
      Releases releases = new Releases(database, settings.releases());
      return switch (verb) {
        case "add" -> add(releases, Path.of(arguments.getLast()), out);
        case "use" -> use(releases, arguments.getLast(), out);
        default -> list(releases, out);
      };
    }
  }

  private static int list(Releases releases, PrintStream out) {
    Optional<String> current = releases.current().map(Release::id);
    for (Release release : releases.all()) {
      out.printf(
          "%s  %s  %s%s%s%n",
          release.id(),
          release.version(),
          release.platform(),
          current.equals(Optional.of(release.id())) ? "  current" : "",
          release.here() ? "" : "  not on this server");
    }
    return DONE;
  }

  private static int add(Releases releases, Path folder, PrintStream out) {
    try {
      out.println("Added " + releases.add(folder).id() + "; release use makes it current.");
      return DONE;
    } catch (BundleException e) {
      out.println(e.getMessage());
    } catch (IOException e) {
      out.println("The bundle cannot be read or kept: " + e.getClass().getSimpleName());
    }
    return FAILED;
  }

  private static int use(Releases releases, String id, PrintStream out) {
    if (!releases.makeCurrent(id)) {
      out.println("There is no such release; release list shows those there are.");
      return FAILED;
    }
    out.println("New agents get it now. fleet update brings it to those that run.");
    return DONE;
  }
}
