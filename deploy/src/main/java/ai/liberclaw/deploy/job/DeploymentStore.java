package ai.liberclaw.deploy.job;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENTS;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.val;

import ai.liberclaw.db.platform.tables.Deployments;
import ai.liberclaw.db.platform.tables.records.DeploymentsRecord;
import ai.liberclaw.deploy.progress.ProgressStore;
import ai.liberclaw.deploy.progress.StepKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * Rows of deployments. Times are the database's, so that servers with different clocks agree on
 * leases. Every method works in the context it is given.
 */
public final class DeploymentStore {
  /** Notified in every transaction that queues or cancels. */
  static final String CHANNEL = "liberclaw_deployments";

  private static final String QUEUED = "queued";
  private static final String RUNNING = "running";
  private static final String SUCCEEDED = "succeeded";
  private static final String FAILED = "failed";
  private static final String CANCELLED = "cancelled";
  private static final Duration TIME_MAX = Duration.ofMinutes(15);

  private DeploymentStore() {}

  /** As the other, for whatever release is current when the job runs. */
  public static UUID queue(
      DSLContext sql,
      UUID agentId,
      Optional<UUID> instanceId,
      long generation,
      DeploymentKind kind) {
    return queue(sql, agentId, instanceId, generation, kind, Optional.empty());
  }

  /** Queues a job; the agent must have no active one, which the schema enforces. */
  public static UUID queue(
      DSLContext sql,
      UUID agentId,
      Optional<UUID> instanceId,
      long generation,
      DeploymentKind kind,
      Optional<String> release) {
    UUID id = UUID.randomUUID();
    boolean unlimited = kind == DeploymentKind.DESTROY;
    sql.insertInto(DEPLOYMENTS)
        .set(DEPLOYMENTS.ID, id)
        .set(DEPLOYMENTS.AGENT_ID, agentId)
        .set(DEPLOYMENTS.INSTANCE_ID, instanceId.orElse(null))
        .set(DEPLOYMENTS.GENERATION, generation)
        .set(DEPLOYMENTS.KIND, kind.key())
        .set(DEPLOYMENTS.RELEASE, release.orElse(null))
        .set(DEPLOYMENTS.STATUS, QUEUED)
        .set(
            DEPLOYMENTS.DEADLINE, unlimited ? DSL.castNull(SQLDataType.INSTANT) : fromNow(TIME_MAX))
        .execute();
    if (!unlimited) {
      ProgressStore.begin(sql, id);
    }
    signal(sql);
    return id;
  }

  public static boolean active(DSLContext sql, UUID agentId) {
    return sql.fetchExists(
        sql.selectOne()
            .from(DEPLOYMENTS)
            .where(DEPLOYMENTS.AGENT_ID.eq(agentId))
            .and(DEPLOYMENTS.STATUS.in(QUEUED, RUNNING)));
  }

  /** The agent's active job. */
  public static Optional<UUID> activeId(DSLContext sql, UUID agentId) {
    return sql.select(DEPLOYMENTS.ID)
        .from(DEPLOYMENTS)
        .where(DEPLOYMENTS.AGENT_ID.eq(agentId))
        .and(DEPLOYMENTS.STATUS.in(QUEUED, RUNNING))
        .fetchOptional(DEPLOYMENTS.ID);
  }

  /** Cancels the agent's active job, if it has one; whoever works on it is fenced from now on. */
  public static void cancel(DSLContext sql, UUID agentId) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.STATUS, CANCELLED)
        .set(DEPLOYMENTS.ENDED_AT, currentInstant())
        .where(DEPLOYMENTS.AGENT_ID.eq(agentId))
        .and(DEPLOYMENTS.STATUS.in(QUEUED, RUNNING))
        .execute();
    signal(sql);
  }

  /** Takes the job that is due longest: queued, or left by a worker whose lease ran out. */
  static Optional<Deployment> claim(DSLContext sql, String lease, Duration duration) {
    Deployments due = DEPLOYMENTS.as("due");
    return sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.STATUS, RUNNING)
        .set(DEPLOYMENTS.LEASE_OWNER, lease)
        .set(DEPLOYMENTS.LEASE_UNTIL, fromNow(duration))
        .set(DEPLOYMENTS.ATTEMPT, DEPLOYMENTS.ATTEMPT.plus(1))
        .set(DEPLOYMENTS.STARTED_AT, coalesce(DEPLOYMENTS.STARTED_AT, clockNow()))
        .where(
            DEPLOYMENTS.ID.eq(
                DSL.select(due.ID)
                    .from(due)
                    .where(due.STATUS.eq(QUEUED).and(due.NOT_BEFORE.le(clockNow())))
                    .or(due.STATUS.eq(RUNNING).and(due.LEASE_UNTIL.lt(clockNow())))
                    .orderBy(due.NOT_BEFORE)
                    .limit(1)
                    .forUpdate()
                    .skipLocked()))
        .returning()
        .fetchOptional(row -> deployment(row, lease));
  }

  /** Prolongs leases and returns those that still stand. */
  static Set<String> renew(DSLContext sql, Collection<String> leases, Duration duration) {
    return sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.LEASE_UNTIL, fromNow(duration))
        .where(DEPLOYMENTS.LEASE_OWNER.in(leases))
        .and(DEPLOYMENTS.STATUS.eq(RUNNING))
        .returningResult(DEPLOYMENTS.LEASE_OWNER)
        .fetchSet(DEPLOYMENTS.LEASE_OWNER);
  }

  /**
   * Locks the job's row, so that it cannot be cancelled or taken over before the commit, and before
   * it the agent's: whoever cancels holds that one first too, so neither waits for the other.
   */
  static boolean hold(DSLContext sql, Deployment job) {
    sql.select(AGENTS.ID).from(AGENTS).where(AGENTS.ID.eq(job.agentId())).forNoKeyUpdate().fetch();
    return sql.select(DEPLOYMENTS.ID)
        .from(DEPLOYMENTS)
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .and(DEPLOYMENTS.STATUS.eq(RUNNING))
        .and(DEPLOYMENTS.LEASE_OWNER.eq(job.lease()))
        .forUpdate()
        .fetchOptional()
        .isPresent();
  }

  static void at(DSLContext sql, Deployment job, StepKey step) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.STEP, step.key())
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .execute();
  }

  /** The job is about another instance. */
  static void move(DSLContext sql, Deployment job, UUID instanceId) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.INSTANCE_ID, instanceId)
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .execute();
  }

  static void succeeded(DSLContext sql, Deployment job) {
    end(sql, job, SUCCEEDED, null, null);
  }

  static void failed(DSLContext sql, Deployment job, Deployment.Failure failure) {
    end(sql, job, FAILED, failure.code(), failure.message());
  }

  /** Queues the job again, at the step it came to. */
  static void again(DSLContext sql, Deployment job, Duration delay, Deployment.Failure failure) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.STATUS, QUEUED)
        .set(DEPLOYMENTS.NOT_BEFORE, fromNow(delay))
        .set(DEPLOYMENTS.LEASE_OWNER, (String) null)
        .set(DEPLOYMENTS.LEASE_UNTIL, (Instant) null)
        .set(DEPLOYMENTS.ERROR_CODE, failure.code())
        .set(DEPLOYMENTS.ERROR_DETAIL, failure.message())
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .execute();
  }

  /**
   * The job has failed for good. Whoever takes it from now on only takes back what it began; its
   * tries are counted anew, with this one as the first.
   */
  static void abandoning(DSLContext sql, Deployment job, Deployment.Failure failure) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.ABANDONING, true)
        .set(DEPLOYMENTS.ATTEMPT, 1)
        .set(DEPLOYMENTS.ERROR_CODE, failure.code())
        .set(DEPLOYMENTS.ERROR_DETAIL, failure.message())
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .execute();
  }

  /** Notes that the agent runs again as before the job. */
  static void returned(DSLContext sql, Deployment job) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.RETURNED, true)
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .execute();
  }

  /** Gives the job back untouched: its worker ends, which is no attempt. */
  static void release(DSLContext sql, Deployment job) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.STATUS, QUEUED)
        .set(DEPLOYMENTS.ATTEMPT, DEPLOYMENTS.ATTEMPT.minus(1))
        .set(DEPLOYMENTS.LEASE_OWNER, (String) null)
        .set(DEPLOYMENTS.LEASE_UNTIL, (Instant) null)
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .and(DEPLOYMENTS.STATUS.eq(RUNNING))
        .and(DEPLOYMENTS.LEASE_OWNER.eq(job.lease()))
        .execute();
    signal(sql);
  }

  /** Removes every job an agent ever had, with steps and log lines. */
  public static void forget(DSLContext sql, UUID agentId) {
    sql.deleteFrom(DEPLOYMENTS).where(DEPLOYMENTS.AGENT_ID.eq(agentId)).execute();
  }

  private static void signal(DSLContext sql) {
    sql.select(DSL.function("pg_notify", SQLDataType.OTHER, val(CHANNEL), val(""))).execute();
  }

  private static void end(
      DSLContext sql,
      Deployment job,
      String status,
      @org.jspecify.annotations.Nullable String code,
      @org.jspecify.annotations.Nullable String detail) {
    sql.update(DEPLOYMENTS)
        .set(DEPLOYMENTS.STATUS, status)
        .set(DEPLOYMENTS.ENDED_AT, currentInstant())
        .set(DEPLOYMENTS.ERROR_CODE, code)
        .set(DEPLOYMENTS.ERROR_DETAIL, detail)
        .where(DEPLOYMENTS.ID.eq(job.id()))
        .execute();
  }

  private static Field<Instant> clockNow() {
    return DSL.function("clock_timestamp", SQLDataType.INSTANT);
  }

  private static Field<Instant> fromNow(Duration duration) {
    return DSL.field(
        "clock_timestamp() + {0} * interval '1 millisecond'",
        SQLDataType.INSTANT, val(duration.toMillis()));
  }

  private static Deployment deployment(DeploymentsRecord row, String lease) {
    return new Deployment(
        row.getId(),
        row.getAgentId(),
        Optional.ofNullable(row.getInstanceId()),
        row.getGeneration(),
        DeploymentKind.of(row.getKind()),
        Optional.ofNullable(row.getRelease()),
        Optional.ofNullable(row.getStep()).flatMap(StepKey::of),
        row.getAttempt(),
        lease,
        Optional.ofNullable(row.getDeadline()),
        row.getAbandoning()
            ? Optional.of(new Deployment.Failure(row.getErrorCode(), row.getErrorDetail()))
            : Optional.empty(),
        row.getReturned(),
        row.getCreatedAt(),
        row.getStartedAt());
  }
}
