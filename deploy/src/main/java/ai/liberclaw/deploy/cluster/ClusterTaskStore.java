package ai.liberclaw.deploy.cluster;

import static ai.liberclaw.db.platform.Tables.CLUSTER_TASKS;

import java.time.Instant;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;

/** Who is at which task until when, and when it was last done. Owners are unique per run. */
final class ClusterTaskStore {
  private final DSLContext sql;

  ClusterTaskStore(DSLContext sql) {
    this.sql = sql;
  }

  /** Makes the task known, so that claims find its row. */
  void add(String name) {
    sql.insertInto(CLUSTER_TASKS).set(CLUSTER_TASKS.NAME, name).onConflictDoNothing().execute();
  }

  /**
   * Takes the task in one atomic statement.
   *
   * @param doneBefore not when it was done later than this
   */
  boolean claim(String name, String owner, Instant now, Instant until, Instant doneBefore) {
    return sql.update(CLUSTER_TASKS)
            .set(CLUSTER_TASKS.LEASE_OWNER, owner)
            .set(CLUSTER_TASKS.LEASE_UNTIL, until)
            .where(CLUSTER_TASKS.NAME.eq(name))
            .and(CLUSTER_TASKS.LEASE_UNTIL.isNull().or(CLUSTER_TASKS.LEASE_UNTIL.le(now)))
            .and(CLUSTER_TASKS.LAST_DONE_AT.isNull().or(CLUSTER_TASKS.LAST_DONE_AT.le(doneBefore)))
            .execute()
        == 1;
  }

  /** False when somebody else has it. */
  boolean renew(String name, String owner, Instant until) {
    return sql.update(CLUSTER_TASKS)
            .set(CLUSTER_TASKS.LEASE_UNTIL, until)
            .where(own(name, owner))
            .execute()
        == 1;
  }

  /** Locks the lease until the transaction ends; false when somebody else has it. */
  boolean hold(DSLContext tx, String name, String owner) {
    return tx.selectOne()
        .from(CLUSTER_TASKS)
        .where(own(name, owner))
        .forShare()
        .fetchOptional()
        .isPresent();
  }

  /** False when somebody else has it, and then nothing is changed. */
  boolean done(String name, String owner, Instant at) {
    return sql.update(CLUSTER_TASKS)
            .set(CLUSTER_TASKS.LAST_DONE_AT, at)
            .setNull(CLUSTER_TASKS.LEASE_OWNER)
            .setNull(CLUSTER_TASKS.LEASE_UNTIL)
            .where(own(name, owner))
            .execute()
        == 1;
  }

  /** Gives the task up; nobody takes it before the given time. */
  void giveUp(String name, String owner, Instant until) {
    sql.update(CLUSTER_TASKS)
        .setNull(CLUSTER_TASKS.LEASE_OWNER)
        .set(CLUSTER_TASKS.LEASE_UNTIL, until)
        .where(own(name, owner))
        .execute();
  }

  /**
   * @param heldUntil nobody else takes it before this
   */
  record State(Optional<Instant> heldUntil, Optional<Instant> lastDoneAt) {}

  State state(String name) {
    return sql.select(CLUSTER_TASKS.LEASE_UNTIL, CLUSTER_TASKS.LAST_DONE_AT)
        .from(CLUSTER_TASKS)
        .where(CLUSTER_TASKS.NAME.eq(name))
        .fetchOptional(
            row -> new State(Optional.ofNullable(row.value1()), Optional.ofNullable(row.value2())))
        .orElse(new State(Optional.empty(), Optional.empty()));
  }

  private static Condition own(String name, String owner) {
    return CLUSTER_TASKS.NAME.eq(name).and(CLUSTER_TASKS.LEASE_OWNER.eq(owner));
  }
}
