package ai.liberclaw.deploy.fleet;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.fleet.Rollout.Status;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;

/**
 * What operators do with all agents at once. Each method is one transaction; a rollout goes on in
 * whichever server has it, see {@link RolloutRunner}.
 */
public final class Fleet {
  private final PlatformDatabase database;
  private final Function<String, Optional<String>> current;

  /**
   * @param current the release that new agents of a provider get
   */
  public Fleet(PlatformDatabase database, Function<String, Optional<String>> current) {
    this.database = database;
    this.current = current;
  }

  public FleetStatus status() {
    return database.transaction(sql -> {
      Map<String, Optional<String>> known = new TreeMap<>();
      List<FleetGroup> groups =
          RolloutStore.groups(sql, name -> known.computeIfAbsent(name, current));
      Optional<Rollout> last = RolloutStore.last(sql);
      List<RolloutAgent> members =
          last.map(rollout -> RolloutStore.members(sql, rollout.id())).orElse(List.of());
      return new FleetStatus(groups, last, members);
    });
  }

  /**
   * Begins to bring agents to a release. Those that have it, or do not run, are left out.
   *
   * @return how many agents that is
   * @throws FleetException when there is none, or a rollout goes on already
   */
  public int update(RolloutOrder order) {
    try {
      return database.transaction(sql -> begin(sql, order));
    } catch (IntegrityConstraintViolationException e) {
      throw underWay();
    }
  }

  /**
   * Turns the rollout that goes on back, or takes the last one back.
   *
   * @throws FleetException when there is nothing to take back
   */
  public void rollback() {
    Set<Status> from =
        EnumSet.of(Status.RUNNING, Status.SUCCEEDED, Status.HALTED, Status.CANCELLED);
    moveLast(
        from, Status.ROLLING_BACK, "asked for by the operator", "There is nothing to take back.");
  }

  /**
   * Ends the rollout that goes on; agents stay as they are, those being updated are.
   *
   * @throws FleetException when none does
   */
  public void cancel() {
    moveLast(
        EnumSet.of(Status.RUNNING, Status.ROLLING_BACK),
        Status.CANCELLED,
        "cancelled by the operator",
        "No rollout goes on.");
  }

  private void moveLast(Set<Status> from, Status to, String reason, String otherwise) {
    database.transaction(sql -> {
      Optional<Rollout> last = RolloutStore.last(sql);
      if (last.isEmpty() || !RolloutStore.move(sql, last.get().id(), from, to, reason)) {
        throw new FleetException(otherwise);
      }
      return true;
    });
  }

  private int begin(DSLContext sql, RolloutOrder order) {
    if (RolloutStore.anyActive(sql)) {
      throw underWay();
    }
    Map<String, Optional<String>> targets = new TreeMap<>();
    List<RolloutStore.Candidate> agents = new ArrayList<>();
    for (RolloutStore.Candidate agent : RolloutStore.candidates(sql, order)) {
      Optional<String> target =
          order.release().or(() -> targets.computeIfAbsent(agent.provider(), current));
      if (target.isPresent() && !agent.release().equals(target)) {
        agents.add(agent);
      }
    }
    if (agents.isEmpty()) {
      throw new FleetException("No running agent has another release than that.");
    }
    var rollout = RolloutStore.insert(sql, order);
    for (int i = 0; i < agents.size(); i++) {
      RolloutStore.Candidate agent = agents.get(i);
      String target = order.release().or(() -> targets.get(agent.provider())).orElseThrow();
      // One agent goes ahead of all others.
      int wave = i == 0 ? 0 : 1 + (i - 1) / order.waveSize();
      RolloutStore.insert(sql, rollout, agent, wave, target);
    }
    return agents.size();
  }

  private static FleetException underWay() {
    return new FleetException("A rollout goes on already; see fleet status.");
  }
}
