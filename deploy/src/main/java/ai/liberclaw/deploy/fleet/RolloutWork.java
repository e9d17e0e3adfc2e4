package ai.liberclaw.deploy.fleet;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.AgentUpdates;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.fleet.RolloutAgent.Status;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.process.ProcessProvider;
import ai.liberclaw.deploy.release.Releases;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One look at a rollout: what can be done now is done, each piece in a transaction of its own that
 * commits only under the lease and while the rollout is as it was read.
 */
final class RolloutWork {
  /** Name of the alarm that tells of a rollout that turned back by itself. */
  static final String ALARM = "fleet_rollout";

  private static final Logger LOG = System.getLogger(RolloutWork.class.getName());
  private static final String UNHEALTHY = "unhealthy";
  private static final String NO_WAY_BACK = "no_way_back";

  private final PlatformDatabase database;
  private final HealthGate gate;
  private final Alarms alarms;
  private final String owner;
  private final Duration lease;

  RolloutWork(PlatformDatabase database, HealthGate gate, String owner, Duration lease) {
    this.database = database;
    this.gate = gate;
    this.alarms = new Alarms(database.dsl());
    this.owner = owner;
    this.lease = lease;
  }

  void goOn(Rollout rollout) throws InterruptedException {
    switch (rollout.status()) {
      case RUNNING -> forward(rollout);
      case ROLLING_BACK -> back(rollout);
      case SUCCEEDED, ROLLED_BACK, HALTED, CANCELLED -> {}
    }
  }

  private void forward(Rollout rollout) throws InterruptedException {
    for (RolloutAgent agent : members(rollout, EnumSet.of(Status.UPDATING))) {
      ended(rollout, agent, Status.UPDATED);
    }
    if (turnedBack(rollout)) {
      return;
    }
    for (RolloutAgent agent : members(rollout, EnumSet.of(Status.WAITING))) {
      if (agent.wave() == rollout.wave()) {
        held(rollout, sql -> begin(sql, rollout, agent));
      }
    }
    boolean busy =
        members(rollout, EnumSet.of(Status.WAITING, Status.UPDATING)).stream()
            .anyMatch(agent -> agent.wave() == rollout.wave());
    if (busy) {
      return;
    }
    if (rollout.waveEndedAt().isEmpty()) {
      held(rollout, sql -> RolloutStore.waveEnded(sql, rollout.id()));
      LOG.log(Level.INFO, "rollout.wave_done id=" + rollout.id() + " wave=" + rollout.wave());
    }
    if (RolloutStore.soaked(database.dsl(), rollout)) {
      endWave(rollout);
    }
  }

  private void begin(DSLContext sql, Rollout rollout, RolloutAgent agent) {
    Optional<RolloutStore.Place> place = RolloutStore.place(sql, agent.agentId());
    if (place.flatMap(RolloutStore.Place::release).equals(Optional.of(agent.release()))) {
      set(sql, rollout, agent, Status.SKIPPED, "has_it_already");
      return;
    }
    switch (AgentUpdates.queue(sql, agent.agentId(), Optional.of(agent.release()))) {
      case AgentUpdates.Outcome.Queued(var deployment) -> {
        RolloutStore.ran(
            sql,
            rollout.id(),
            agent.agentId(),
            place.flatMap(RolloutStore.Place::release).orElse(null));
        RolloutStore.deploying(sql, rollout.id(), agent.agentId(), deployment);
        set(sql, rollout, agent, Status.UPDATING, null);
      }
      // Its deployment ends in time.
      case AgentUpdates.Outcome.Busy _ -> {}
      case AgentUpdates.Outcome.Impossible _ ->
          set(sql, rollout, agent, Status.SKIPPED, "not_running");
    }
  }

  /** Notes how an update ended, when it has. */
  private void ended(Rollout rollout, RolloutAgent agent, Status good) {
    held(
        rollout,
        sql -> {
          Optional<RolloutStore.Outcome> outcome =
              agent.deployment().flatMap(id -> RolloutStore.outcome(sql, id));
          if (outcome.isEmpty()) {
            set(sql, rollout, agent, Status.SKIPPED, "gone");
          } else if (outcome.get().succeeded()) {
            set(sql, rollout, agent, good, null);
          } else if (outcome.get().cancelled()) {
            // Its owner rebuilt or deleted it meanwhile.
            set(sql, rollout, agent, Status.SKIPPED, "cancelled");
          } else if (!outcome.get().active()) {
            boolean returning = agent.status() == Status.RETURNING;
            set(sql, rollout, agent, Status.FAILED, returning ? NO_WAY_BACK : outcome.get().code());
          }
        });
  }

  /** Whether too many have failed: then all goes back. */
  private boolean turnedBack(Rollout rollout) {
    List<RolloutAgent> failed = members(rollout, EnumSet.of(Status.FAILED));
    if (failed.size() <= rollout.failuresMax()) {
      return false;
    }
    String reason =
        "%d of the agents failed, more than %d; the last with %s"
            .formatted(
                failed.size(),
                rollout.failuresMax(),
                failed.getLast().errorCode().orElse("no reason"));
    held(rollout, sql -> end(sql, rollout, Rollout.Status.ROLLING_BACK, reason));
    alarms.raise(ALARM, Alarm.Level.CRITICAL, "The rollout turned back: " + reason + ".");
    return true;
  }

  private void endWave(Rollout rollout) throws InterruptedException {
    List<RolloutAgent> wave =
        members(rollout, EnumSet.of(Status.UPDATED)).stream()
            .filter(agent -> agent.wave() == rollout.wave())
            .toList();
    for (RolloutAgent agent : wave) {
      Optional<RolloutStore.Place> place = RolloutStore.place(database.dsl(), agent.agentId());
      if (place.isPresent() && !well(place.get())) {
        held(rollout, sql -> set(sql, rollout, agent, Status.FAILED, UNHEALTHY));
      }
    }
    if (turnedBack(rollout)) {
      return;
    }
    boolean more = !members(rollout, EnumSet.of(Status.WAITING)).isEmpty();
    held(
        rollout,
        sql -> {
          if (more) {
            RolloutStore.nextWave(sql, rollout.id());
          } else {
            end(sql, rollout, Rollout.Status.SUCCEEDED, null);
          }
        });
    if (!more) {
      alarms.clear(ALARM);
    }
  }

  private boolean well(RolloutStore.Place place) throws InterruptedException {
    return switch (place.state()) {
      case "running" -> gate.well(place.instanceId());
      case "degraded" ->
          // The path to it is at fault, as it may have been before.
          place.reason().equals(Optional.of(Provider.NO_PUBLIC_NAME))
              && gate.well(place.instanceId());
      case "failed" -> false;
      // Its owner does something with it: no fault of the release.
      default -> true;
    };
  }

  private void back(Rollout rollout) {
    for (RolloutAgent agent : members(rollout, EnumSet.of(Status.WAITING))) {
      held(rollout, sql -> set(sql, rollout, agent, Status.SKIPPED, null));
    }
    for (RolloutAgent agent : members(rollout, EnumSet.of(Status.UPDATING))) {
      ended(rollout, agent, Status.UPDATED);
    }
    for (RolloutAgent agent : members(rollout, EnumSet.of(Status.RETURNING))) {
      ended(rollout, agent, Status.RETURNED);
    }
    for (RolloutAgent agent : members(rollout, EnumSet.of(Status.UPDATED, Status.FAILED))) {
      held(rollout, sql -> sendBack(sql, rollout, agent));
    }
    Set<Status> open = EnumSet.of(Status.UPDATING, Status.UPDATED, Status.RETURNING);
    List<RolloutAgent> all = members(rollout, EnumSet.allOf(Status.class));
    if (all.stream().anyMatch(agent -> open.contains(agent.status()) || toGoBack(agent))) {
      return;
    }
    long stuck =
        all.stream().filter(agent -> agent.errorCode().equals(Optional.of(NO_WAY_BACK))).count();
    String reason = rollout.reason().orElse("");
    held(
        rollout,
        sql -> {
          if (stuck == 0) {
            end(sql, rollout, Rollout.Status.ROLLED_BACK, reason);
          } else {
            end(
                sql,
                rollout,
                Rollout.Status.HALTED,
                reason + "; " + stuck + " of the agents could not go back");
          }
        });
  }

  private void sendBack(DSLContext sql, Rollout rollout, RolloutAgent agent) {
    if (agent.status() == Status.FAILED && !toGoBack(agent)) {
      return;
    }
    if (agent.previousRelease().isEmpty()) {
      set(sql, rollout, agent, Status.FAILED, NO_WAY_BACK);
      return;
    }
    switch (AgentUpdates.queue(sql, agent.agentId(), agent.previousRelease())) {
      case AgentUpdates.Outcome.Queued(var deployment) -> {
        RolloutStore.deploying(sql, rollout.id(), agent.agentId(), deployment);
        set(sql, rollout, agent, Status.RETURNING, null);
      }
      case AgentUpdates.Outcome.Busy _ -> {}
      case AgentUpdates.Outcome.Impossible _ ->
          set(sql, rollout, agent, Status.SKIPPED, "not_running");
    }
  }

  /** Whoever failed to be updated has returned by itself, as a rule. */
  private boolean toGoBack(RolloutAgent agent) {
    if (agent.status() != Status.FAILED || agent.errorCode().equals(Optional.of(NO_WAY_BACK))) {
      return false;
    }
    return agent.errorCode().equals(Optional.of(UNHEALTHY))
        || RolloutStore.place(database.dsl(), agent.agentId())
            .filter(place -> place.state().equals("failed"))
            .isPresent();
  }

  private void end(DSLContext sql, Rollout rollout, Rollout.Status to, @Nullable String reason) {
    RolloutStore.move(sql, rollout.id(), EnumSet.of(rollout.status()), to, reason);
    if (to == Rollout.Status.SUCCEEDED || to == Rollout.Status.ROLLED_BACK) {
      // New agents get what all have that run: neither an older release nor one that was taken
      // back.
      RolloutStore.common(sql, ProcessProvider.NAME)
          .filter(release -> Releases.makeCurrent(sql, release))
          .ifPresent(release -> LOG.log(Level.INFO, "release.current id=" + release));
    }
    LOG.log(
        Level.INFO,
        "rollout." + to.key() + " id=" + rollout.id() + (reason == null ? "" : " " + reason));
  }

  private List<RolloutAgent> members(Rollout rollout, Set<Status> statuses) {
    return RolloutStore.members(database.dsl(), rollout.id()).stream()
        .filter(agent -> statuses.contains(agent.status()))
        .toList();
  }

  /** Nothing is done when the rollout is somebody else's by now, or was turned. */
  private void held(Rollout rollout, Consumer<DSLContext> work) {
    database.transaction(sql -> {
      if (RolloutStore.hold(sql, rollout, owner, lease)) {
        work.accept(sql);
      }
      return true;
    });
  }

  private static void set(
      DSLContext sql,
      Rollout rollout,
      RolloutAgent agent,
      Status status,
      @Nullable String errorCode) {
    RolloutStore.set(sql, rollout.id(), agent.agentId(), status, errorCode);
  }
}
