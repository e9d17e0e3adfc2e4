package ai.liberclaw.deploy.fleet;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static ai.liberclaw.db.platform.Tables.ROLLOUTS;
import static ai.liberclaw.db.platform.Tables.ROLLOUT_AGENTS;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.val;

import ai.liberclaw.db.platform.tables.records.RolloutAgentsRecord;
import ai.liberclaw.db.platform.tables.records.RolloutsRecord;
import ai.liberclaw.deploy.fleet.Rollout.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * Rows of rollouts and of their agents. Times are the database's. Every method works in the context
 * it is given.
 */
final class RolloutStore {
  private static final List<String> ACTIVE =
      List.of(Status.RUNNING.key(), Status.ROLLING_BACK.key());

  private RolloutStore() {}

  /** An agent that a rollout may touch. */
  record Candidate(UUID agentId, String provider, Optional<String> release) {}

  /** How a deployment ended; neither while it goes on. */
  record Outcome(boolean active, boolean succeeded, boolean cancelled, String code) {}

  /**
   * Where an agent is now.
   *
   * @param reason why it is degraded or failed
   */
  record Place(UUID instanceId, String state, Optional<String> release, Optional<String> reason) {}

  static boolean anyActive(DSLContext sql) {
    return sql.fetchExists(ROLLOUTS, ROLLOUTS.STATUS.in(ACTIVE));
  }

  static UUID insert(DSLContext sql, RolloutOrder order) {
    UUID id = UUID.randomUUID();
    sql.insertInto(ROLLOUTS)
        .set(ROLLOUTS.ID, id)
        .set(ROLLOUTS.STATUS, Status.RUNNING.key())
        .set(ROLLOUTS.WAVE_SIZE, order.waveSize())
        .set(ROLLOUTS.FAILURES_MAX, order.failuresMax())
        .set(ROLLOUTS.SOAK_SECONDS, Math.toIntExact(order.soak().toSeconds()))
        .execute();
    return id;
  }

  static void insert(DSLContext sql, UUID rollout, Candidate agent, int wave, String release) {
    sql.insertInto(ROLLOUT_AGENTS)
        .set(ROLLOUT_AGENTS.ROLLOUT_ID, rollout)
        .set(ROLLOUT_AGENTS.AGENT_ID, agent.agentId())
        .set(ROLLOUT_AGENTS.WAVE, wave)
        .set(ROLLOUT_AGENTS.STATUS, RolloutAgent.Status.WAITING.key())
        .set(ROLLOUT_AGENTS.RELEASE, release)
        .set(ROLLOUT_AGENTS.PREVIOUS_RELEASE, agent.release().orElse(null))
        .execute();
  }

  /** Agents that run, in an order that says nothing of them. */
  static List<Candidate> candidates(DSLContext sql, RolloutOrder order) {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(AGENTS.DEPLOYMENT_STATUS.eq("running"));
    order.provider().ifPresent(p -> conditions.add(INSTANCES.PROVIDER.eq(p)));
    if (!order.agents().isEmpty()) {
      conditions.add(AGENTS.ID.in(order.agents()));
    }
    return sql.select(AGENTS.ID, INSTANCES.PROVIDER, INSTANCES.RELEASE)
        .from(AGENTS)
        .join(INSTANCES)
        .on(INSTANCES.ID.eq(AGENTS.INSTANCE_ID))
        .where(conditions)
        .orderBy(AGENTS.ID)
        .fetch(row -> new Candidate(row.value1(), row.value2(), Optional.ofNullable(row.value3())));
  }

  /** All agents, alike ones together. */
  static List<FleetGroup> groups(DSLContext sql, Function<String, Optional<String>> current) {
    Field<Integer> agents = count();
    return sql.select(INSTANCES.PROVIDER, INSTANCES.RELEASE, AGENTS.DEPLOYMENT_STATUS, agents)
        .from(AGENTS)
        .leftJoin(INSTANCES)
        .on(INSTANCES.ID.eq(AGENTS.INSTANCE_ID))
        .groupBy(INSTANCES.PROVIDER, INSTANCES.RELEASE, AGENTS.DEPLOYMENT_STATUS)
        .orderBy(INSTANCES.PROVIDER, agents.desc(), INSTANCES.RELEASE, AGENTS.DEPLOYMENT_STATUS)
        .fetch(row -> {
          Optional<String> provider = Optional.ofNullable(row.value1());
          Optional<String> release = Optional.ofNullable(row.value2());
          boolean newest = release.isPresent() && provider.flatMap(current).equals(release);
          return new FleetGroup(provider, release, row.value3(), row.value4(), newest);
        });
  }

  static Optional<Rollout> last(DSLContext sql) {
    return sql.selectFrom(ROLLOUTS)
        .orderBy(ROLLOUTS.CREATED_AT.desc())
        .limit(1)
        .fetchOptional(RolloutStore::rollout);
  }

  static List<RolloutAgent> members(DSLContext sql, UUID rollout) {
    return sql.selectFrom(ROLLOUT_AGENTS)
        .where(ROLLOUT_AGENTS.ROLLOUT_ID.eq(rollout))
        .orderBy(ROLLOUT_AGENTS.WAVE, ROLLOUT_AGENTS.AGENT_ID)
        .fetch(RolloutStore::member);
  }

  /** Takes the active rollout, or prolongs the right to it. */
  static Optional<Rollout> claim(DSLContext sql, String owner, Duration lease) {
    return sql.update(ROLLOUTS)
        .set(ROLLOUTS.LEASE_OWNER, owner)
        .set(ROLLOUTS.LEASE_UNTIL, fromNow(lease))
        .where(ROLLOUTS.STATUS.in(ACTIVE))
        .and(
            ROLLOUTS
                .LEASE_OWNER
                .eq(owner)
                .or(ROLLOUTS.LEASE_UNTIL.isNull())
                .or(ROLLOUTS.LEASE_UNTIL.lt(clockNow())))
        .returning()
        .fetchOptional(RolloutStore::rollout);
  }

  /** Locks the rollout as it was read; false when another server has it, or it has changed. */
  static boolean hold(DSLContext sql, Rollout rollout, String owner, Duration lease) {
    return sql.update(ROLLOUTS)
            .set(ROLLOUTS.LEASE_UNTIL, fromNow(lease))
            .where(ROLLOUTS.ID.eq(rollout.id()))
            .and(ROLLOUTS.LEASE_OWNER.eq(owner))
            .and(ROLLOUTS.STATUS.eq(rollout.status().key()))
            .execute()
        == 1;
  }

  static void release(DSLContext sql, String owner) {
    sql.update(ROLLOUTS)
        .setNull(ROLLOUTS.LEASE_OWNER)
        .setNull(ROLLOUTS.LEASE_UNTIL)
        .where(ROLLOUTS.LEASE_OWNER.eq(owner))
        .execute();
  }

  /** Moves a rollout on; false when it was not in one of these states. */
  static boolean move(
      DSLContext sql, UUID id, Set<Status> from, Status to, @Nullable String reason) {
    return sql.update(ROLLOUTS)
            .set(ROLLOUTS.STATUS, to.key())
            .set(ROLLOUTS.REASON, reason)
            .set(ROLLOUTS.ENDED_AT, to.active() ? DSL.castNull(SQLDataType.INSTANT) : clockNow())
            .where(ROLLOUTS.ID.eq(id))
            .and(ROLLOUTS.STATUS.in(from.stream().map(Status::key).toList()))
            .execute()
        == 1;
  }

  static void waveEnded(DSLContext sql, UUID id) {
    sql.update(ROLLOUTS)
        .set(ROLLOUTS.WAVE_ENDED_AT, clockNow())
        .where(ROLLOUTS.ID.eq(id))
        .execute();
  }

  static void nextWave(DSLContext sql, UUID id) {
    sql.update(ROLLOUTS)
        .set(ROLLOUTS.WAVE, ROLLOUTS.WAVE.plus(1))
        .setNull(ROLLOUTS.WAVE_ENDED_AT)
        .where(ROLLOUTS.ID.eq(id))
        .execute();
  }

  /** Whether the wave has been watched long enough, by the database's clock. */
  static boolean soaked(DSLContext sql, Rollout rollout) {
    return sql.fetchExists(
        ROLLOUTS,
        ROLLOUTS
            .ID
            .eq(rollout.id())
            .and(
                DSL.condition(
                    "{0} + {1} * interval '1 second' <= clock_timestamp()",
                    ROLLOUTS.WAVE_ENDED_AT, ROLLOUTS.SOAK_SECONDS)));
  }

  static void set(
      DSLContext sql,
      UUID rollout,
      UUID agent,
      RolloutAgent.Status status,
      @Nullable String errorCode) {
    sql.update(ROLLOUT_AGENTS)
        .set(ROLLOUT_AGENTS.STATUS, status.key())
        .set(ROLLOUT_AGENTS.ERROR_CODE, errorCode)
        .set(ROLLOUT_AGENTS.UPDATED_AT, currentInstant())
        .where(ROLLOUT_AGENTS.ROLLOUT_ID.eq(rollout))
        .and(ROLLOUT_AGENTS.AGENT_ID.eq(agent))
        .execute();
  }

  static void deploying(DSLContext sql, UUID rollout, UUID agent, UUID deployment) {
    sql.update(ROLLOUT_AGENTS)
        .set(ROLLOUT_AGENTS.DEPLOYMENT_ID, deployment)
        .where(ROLLOUT_AGENTS.ROLLOUT_ID.eq(rollout))
        .and(ROLLOUT_AGENTS.AGENT_ID.eq(agent))
        .execute();
  }

  /** Notes what the agent ran when its turn came. */
  static void ran(DSLContext sql, UUID rollout, UUID agent, @Nullable String release) {
    sql.update(ROLLOUT_AGENTS)
        .set(ROLLOUT_AGENTS.PREVIOUS_RELEASE, release)
        .where(ROLLOUT_AGENTS.ROLLOUT_ID.eq(rollout))
        .and(ROLLOUT_AGENTS.AGENT_ID.eq(agent))
        .execute();
  }

  /** Empty when the agent is gone, and its deployments with it. */
  static Optional<Outcome> outcome(DSLContext sql, UUID deployment) {
    return sql.select(DEPLOYMENTS.STATUS, DEPLOYMENTS.ERROR_CODE)
        .from(DEPLOYMENTS)
        .where(DEPLOYMENTS.ID.eq(deployment))
        .fetchOptional(row ->
            new Outcome(
                row.value1().equals("queued") || row.value1().equals("running"),
                row.value1().equals("succeeded"),
                row.value1().equals("cancelled"),
                row.value2() == null ? "failed" : row.value2()));
  }

  /**
   * The release that all agents have which run and live on bundles; empty when they have several,
   * or there are none.
   *
   * @param without the provider whose agents do not
   */
  static Optional<String> common(DSLContext sql, String without) {
    List<String> releases =
        sql.selectDistinct(DSL.coalesce(INSTANCES.RELEASE, ""))
            .from(AGENTS)
            .join(INSTANCES)
            .on(INSTANCES.ID.eq(AGENTS.INSTANCE_ID))
            .where(AGENTS.DEPLOYMENT_STATUS.eq("running"))
            .and(INSTANCES.PROVIDER.ne(without))
            .fetch(row -> row.value1());
    return releases.size() == 1 ? Optional.of(releases.getFirst()) : Optional.empty();
  }

  static Optional<Place> place(DSLContext sql, UUID agent) {
    return sql.select(INSTANCES.ID, INSTANCES.STATE, INSTANCES.RELEASE, INSTANCES.ERROR_CODE)
        .from(AGENTS)
        .join(INSTANCES)
        .on(INSTANCES.ID.eq(AGENTS.INSTANCE_ID))
        .where(AGENTS.ID.eq(agent))
        .fetchOptional(row ->
            new Place(
                row.value1(),
                row.value2(),
                Optional.ofNullable(row.value3()),
                Optional.ofNullable(row.value4())));
  }

  private static Field<Instant> clockNow() {
    return DSL.function("clock_timestamp", SQLDataType.INSTANT);
  }

  private static Field<Instant> fromNow(Duration duration) {
    return DSL.field(
        "clock_timestamp() + {0} * interval '1 millisecond'",
        SQLDataType.INSTANT, val(duration.toMillis()));
  }

  private static Rollout rollout(RolloutsRecord row) {
    return new Rollout(
        row.getId(),
        Status.of(row.getStatus()),
        row.getWave(),
        row.getWaveSize(),
        Optional.ofNullable(row.getWaveEndedAt()),
        Duration.ofSeconds(row.getSoakSeconds()),
        row.getFailuresMax(),
        Optional.ofNullable(row.getReason()),
        row.getLeaseOwner() != null,
        row.getCreatedAt(),
        Optional.ofNullable(row.getEndedAt()));
  }

  private static RolloutAgent member(RolloutAgentsRecord row) {
    return new RolloutAgent(
        row.getAgentId(),
        row.getWave(),
        RolloutAgent.Status.of(row.getStatus()),
        row.getRelease(),
        Optional.ofNullable(row.getDeploymentId()),
        Optional.ofNullable(row.getPreviousRelease()),
        Optional.ofNullable(row.getErrorCode()));
  }
}
