package ai.liberclaw.api.budget;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.budget.Limit;
import ai.liberclaw.deploy.budget.LimitTarget;
import ai.liberclaw.deploy.budget.Limits;
import ai.liberclaw.deploy.budget.Period;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** {@code budget}: what models may cost. A change holds at once, on every server. */
public final class BudgetCommand implements Command {
  private static final String USAGE =
      """
      Usage: budget                             what is configured, and what was set instead
             budget set <whose> "<limits>"      limits %s
             budget clear <whose>               what is configured counts again
      <whose>: site | tier <tier> | each <tier> | user <id>
               (tier: all its users together; each: every one of them; tiers: guest, free, pro)\
      """
          .formatted(Limit.FORM);
  private static final List<String> TIERS = List.of("guest", "free", "pro");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int CONNECTIONS = 1;

  private final Function<Map<String, String>, String> databaseUrl;

  /**
   * @param databaseUrl read from the environment
   */
  public BudgetCommand(Function<Map<String, String>, String> databaseUrl) {
    this.databaseUrl = databaseUrl;
  }

  @Override
  public String name() {
    return "budget";
  }

  @Override
  public String summary() {
    return "what models may cost the site, a tier, a user: list, set, clear";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out) {
    List<String> rest = new ArrayList<>(arguments);
    String verb = rest.isEmpty() ? "list" : rest.removeFirst();
    Function<Limits, Integer> work =
        switch (verb) {
          case "list" -> {
            if (!rest.isEmpty()) {
              throw new CommandException(USAGE);
            }
            yield limits -> list(limits, out);
          }
          case "set" -> {
            if (rest.size() < 2) {
              throw new CommandException(USAGE);
            }
            Map<Period, Limit> wanted = parse(rest.removeLast());
            LimitTarget target = target(rest);
            yield limits -> set(limits, target, wanted, out);
          }
          case "clear" -> {
            LimitTarget target = target(rest);
            yield limits -> clear(limits, target, out);
          }
          default -> throw new CommandException(USAGE);
        };
    try (PlatformDatabase database =
        PlatformDatabase.open(
            new PlatformDatabase.Settings(databaseUrl.apply(environment), CONNECTIONS, PATIENCE))) {
      return work.apply(new Limits(database.dsl()));
    }
  }

  private static int list(Limits limits, PrintStream out) {
    List<Limits.Known> all = limits.all();
    if (all.isEmpty()) {
      out.println("No limits: what agents spend is counted, and nothing is refused.");
    }
    for (Limits.Known known : all) {
      out.println(
          whose(known.target())
              + ": "
              + Limit.text(Map.of(known.period(), known.limit()))
              + (known.configured() ? " (configured)" : " (set)")
              + (known.limit().equals(Limit.NONE) ? " per " + known.period().key() : ""));
    }
    return DONE;
  }

  private static int set(
      Limits limits, LimitTarget target, Map<Period, Limit> wanted, PrintStream out) {
    limits.set(target, wanted);
    out.println(whose(target) + ": " + Limit.text(limits.of(target)));
    return DONE;
  }

  private static int clear(Limits limits, LimitTarget target, PrintStream out) {
    boolean found = limits.clear(target);
    out.println(
        found ? "What is configured counts again." : "Nothing was set for " + whose(target) + ".");
    return found ? DONE : FAILED;
  }

  private static Map<Period, Limit> parse(String text) {
    try {
      return Limit.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException("The limits " + e.getMessage() + ".");
    }
  }

  private static LimitTarget target(List<String> words) {
    String kind = words.isEmpty() ? "" : words.getFirst();
    if (kind.equals("site") && words.size() == 1) {
      return new LimitTarget.Site();
    }
    if (words.size() != 2) {
      throw new CommandException(USAGE);
    }
    String name = words.getLast();
    if (kind.equals("user")) {
      try {
        return new LimitTarget.User(UUID.fromString(name));
      } catch (IllegalArgumentException _) {
        throw new CommandException("Not the id of a user: " + name);
      }
    }
    if (!TIERS.contains(name)) {
      throw new CommandException("No such tier: " + name + "; there are " + TIERS);
    }
    return switch (kind) {
      case "tier" -> new LimitTarget.Tier(name);
      case "each" -> new LimitTarget.EachOf(name);
      default -> throw new CommandException(USAGE);
    };
  }

  private static String whose(LimitTarget target) {
    return switch (target) {
      case LimitTarget.Site() -> "site";
      case LimitTarget.Tier(String tier) -> "tier " + tier;
      case LimitTarget.EachOf(String tier) -> "each " + tier;
      case LimitTarget.User(UUID id) -> "user " + id;
      case LimitTarget.Agent(UUID id) -> "agent " + id;
    };
  }
}
