package ai.liberclaw.api.fleet;

import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.deploy.fleet.FleetException;
import ai.liberclaw.deploy.fleet.RolloutOrder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The arguments of {@code fleet}.
 *
 * @param detach do not wait for the end
 */
record FleetOptions(Verb verb, RolloutOrder order, boolean json, boolean detach) {
  static final String USAGE =
      """
      fleet status [--json]
      fleet update [--release ID] [--provider NAME] [--agent ID]... [--wave N] [--failures N]
                   [--soak SECONDS] [--detach]
      fleet rollback [--detach]
      fleet cancel\
      """;

  /** What is done. */
  enum Verb {
    STATUS,
    UPDATE,
    ROLLBACK,
    CANCEL
  }

  /**
   * @throws CommandException for what is none of these
   */
  static FleetOptions of(List<String> arguments) {
    Iterator<String> left = arguments.iterator();
    Verb verb =
        switch (left.hasNext() ? left.next() : "") {
          case "status" -> Verb.STATUS;
          case "update" -> Verb.UPDATE;
          case "rollback" -> Verb.ROLLBACK;
          case "cancel" -> Verb.CANCEL;
          default -> throw usage("Unknown.");
        };
    Optional<String> release = Optional.empty();
    Optional<String> provider = Optional.empty();
    Set<UUID> agents = new HashSet<>();
    int wave = RolloutOrder.WAVE_SIZE;
    int failures = 0;
    Duration soak = RolloutOrder.SOAK;
    boolean json = false;
    boolean detach = false;
    while (left.hasNext()) {
      String option = left.next();
      boolean update = verb == Verb.UPDATE;
      if (option.equals("--json") && verb == Verb.STATUS) {
        json = true;
      } else if (option.equals("--detach") && (update || verb == Verb.ROLLBACK)) {
        detach = true;
      } else if (update && left.hasNext()) {
        String value = left.next();
        switch (option) {
          case "--release" -> release = Optional.of(value);
          case "--provider" -> provider = Optional.of(value);
          case "--agent" -> agents.add(id(value));
          case "--wave" -> wave = number(option, value);
          case "--failures" -> failures = number(option, value);
          case "--soak" -> soak = Duration.ofSeconds(number(option, value));
          default -> throw usage("Unknown: " + option + ".");
        }
      } else {
        throw usage("Not understood: " + option + ".");
      }
    }
    try {
      return new FleetOptions(
          verb, new RolloutOrder(release, provider, agents, wave, failures, soak), json, detach);
    } catch (FleetException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private static UUID id(String value) {
    try {
      return UUID.fromString(value);
    } catch (IllegalArgumentException _) {
      throw usage("Not the id of an agent: " + value + ".");
    }
  }

  private static int number(String option, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException _) {
      throw usage(option + " wants a whole number.");
    }
  }

  private static CommandException usage(String problem) {
    return new CommandException(problem + " There is:\n" + USAGE);
  }
}
