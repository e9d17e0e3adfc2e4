package ai.liberclaw.api.fleet;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.deploy.fleet.Fleet;
import ai.liberclaw.deploy.fleet.FleetException;
import ai.liberclaw.deploy.fleet.FleetStatus;
import ai.liberclaw.deploy.fleet.Rollout;
import ai.liberclaw.deploy.fleet.RolloutAgent;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** {@code fleet status|update|rollback|cancel}. A running server does the work. */
public final class FleetCommand implements Command {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration UNTAKEN_TOLD_AFTER = Duration.ofSeconds(10);

  /** The database as a command uses it. */
  public interface Opened extends AutoCloseable {
    Fleet fleet();

    @Override
    void close();
  }

  /** Opens it by the server's own configuration. */
  @FunctionalInterface
  public interface Opening {
    Opened open(Map<String, String> environment);
  }

  private final Opening opening;

  public FleetCommand(Opening opening) {
    this.opening = opening;
  }

  @Override
  public String name() {
    return "fleet";
  }

  @Override
  public String summary() {
    return "status, update, rollback, cancel: bring all agents to a release, in waves";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out)
      throws InterruptedException {
    FleetOptions options = FleetOptions.of(arguments);
    try (Opened opened = opening.open(environment)) {
      Fleet fleet = opened.fleet();
      switch (options.verb()) {
        case STATUS -> {
          FleetStatus status = fleet.status();
          out.println(options.json() ? FleetReport.json(status) : FleetReport.text(status));
          return DONE;
        }
        case UPDATE -> out.println("Agents to update: " + fleet.update(options.order()));
        case ROLLBACK -> {
          fleet.rollback();
          out.println("Agents go back to what they ran before.");
        }
        case CANCEL -> {
          fleet.cancel();
          out.println("Cancelled. Updates that have begun are finished.");
          return DONE;
        }
      }
      return options.detach() ? DONE : follow(fleet, options.verb(), out);
    } catch (FleetException e) {
      out.println(e.getMessage());
      return FAILED;
    }
  }

  /** Tells what happens until the rollout has ended. */
  private static int follow(Fleet fleet, FleetOptions.Verb verb, PrintStream out)
      throws InterruptedException {
    String told = "";
    boolean warned = false;
    long start = System.nanoTime();
    while (true) {
      FleetStatus status = fleet.status();
      Rollout rollout = status.rollout().orElseThrow();
      String line = line(rollout, status.members());
      if (!line.equals(told)) {
        out.println(line);
        told = line;
      }
      if (!rollout.status().active()) {
        boolean back = verb == FleetOptions.Verb.ROLLBACK;
        Rollout.Status good = back ? Rollout.Status.ROLLED_BACK : Rollout.Status.SUCCEEDED;
        return rollout.status() == good ? DONE : FAILED;
      }
      boolean late = System.nanoTime() - start > UNTAKEN_TOLD_AFTER.toNanos();
      if (!rollout.taken() && late && !warned) {
        out.println("No server has taken it up yet; is the API running?");
        warned = true;
      }
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
  }

  private static String line(Rollout rollout, List<RolloutAgent> members) {
    Map<String, Long> counts =
        members.stream()
            .collect(
                Collectors.groupingBy(
                    agent -> agent.status().key(), TreeMap::new, Collectors.counting()));
    String reason = rollout.reason().map(text -> " (" + text + ")").orElse("");
    return "%s, wave %d: %s%s"
        .formatted(
            rollout.status().key().replace('_', ' '),
            rollout.wave() + 1,
            counts.entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey())
                .collect(Collectors.joining(", ")),
            reason);
  }
}
