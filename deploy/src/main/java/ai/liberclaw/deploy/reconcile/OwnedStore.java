package ai.liberclaw.deploy.reconcile;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.max;

import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.InstanceState;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Select;
import org.jooq.impl.DSL;

/** Which of the things found have an owner. Every method works in the context it is given. */
final class OwnedStore {
  /** Why an instance is degraded that its provider does not know. */
  static final String MISSING = "missing";

  private OwnedStore() {}

  /**
   * What a provider should have.
   *
   * @param instances by id, of any state, the pool's too
   * @param names the names they have there, and the ids of their agents
   */
  record Owned(Set<UUID> instances, Set<String> names) {
    boolean has(Found found) {
      return found.instanceId().filter(instances::contains).isPresent()
          || names.contains(found.externalId());
    }
  }

  static Owned read(DSLContext sql, String provider) {
    Set<UUID> instances = new HashSet<>();
    Set<String> names = new HashSet<>();
    sql.select(INSTANCES.ID, INSTANCES.AGENT_ID, INSTANCES.EXTERNAL_ID)
        .from(INSTANCES)
        .where(INSTANCES.PROVIDER.eq(provider))
        .and(INSTANCES.STATE.ne(InstanceState.DESTROYED.key()))
        .forEach(row -> {
          instances.add(row.value1());
          Optional.ofNullable(row.value2()).map(UUID::toString).ifPresent(names::add);
          Optional.ofNullable(row.value3()).ifPresent(names::add);
        });
    return new Owned(instances, names);
  }

  /** True when it was not known to be missing. */
  static boolean markMissing(DSLContext sql, UUID id, long generation) {
    return sql.update(INSTANCES)
            .set(INSTANCES.ERROR_CODE, MISSING)
            .set(INSTANCES.UPDATED_AT, currentInstant())
            .where(INSTANCES.ID.eq(id))
            .and(INSTANCES.GENERATION.eq(generation))
            .and(INSTANCES.STATE.in(InstanceState.RUNNING.key(), InstanceState.DEGRADED.key()))
            .and(INSTANCES.ERROR_CODE.isDistinctFrom(MISSING))
            .execute()
        == 1;
  }

  /** True when it was known to be missing. */
  static boolean unmarkMissing(DSLContext sql, UUID id, long generation) {
    return sql.update(INSTANCES)
            .setNull(INSTANCES.ERROR_CODE)
            .set(INSTANCES.UPDATED_AT, currentInstant())
            .where(INSTANCES.ID.eq(id))
            .and(INSTANCES.GENERATION.eq(generation))
            .and(INSTANCES.STATE.eq(InstanceState.DEGRADED.key()))
            .and(INSTANCES.ERROR_CODE.eq(MISSING))
            .execute()
        == 1;
  }

  /** Whether any is known to be missing. */
  static Set<UUID> missing(DSLContext sql, String provider) {
    return sql.select(INSTANCES.ID)
        .from(INSTANCES)
        .where(INSTANCES.PROVIDER.eq(provider))
        .and(INSTANCES.ERROR_CODE.eq(MISSING))
        .fetchSet(INSTANCES.ID);
  }

  /**
   * Agents that are gone while something of theirs is still recorded and no job works on it, with
   * the highest generation: nobody would ever destroy that.
   */
  static Map<UUID, Long> forgotten(DSLContext sql, Instant changedBefore) {
    Map<UUID, Long> agents = new HashMap<>();
    sql.select(INSTANCES.AGENT_ID, max(INSTANCES.GENERATION))
        .from(INSTANCES)
        .where(INSTANCES.AGENT_ID.isNotNull())
        .and(INSTANCES.UPDATED_AT.lt(changedBefore))
        .and(DSL.notExists(DSL.selectOne().from(AGENTS).where(AGENTS.ID.eq(INSTANCES.AGENT_ID))))
        .and(DSL.notExists(activeJob()))
        .groupBy(INSTANCES.AGENT_ID)
        .forEach(row -> agents.put(row.value1(), row.value2()));
    return agents;
  }

  /**
   * Instances of living agents that hold a machine to no use: their agent never ran there, or they
   * were to be destroyed by a job that has ended.
   *
   * @param failedBefore when the deployment failed
   * @param leftBefore when the instance was left behind
   */
  static List<UUID> spent(
      DSLContext sql, String provider, Instant failedBefore, Instant leftBefore) {
    Condition failed =
        INSTANCES
            .STATE
            .eq(InstanceState.FAILED.key())
            .and(INSTANCES.LAST_SEEN_AT.isNull())
            .and(INSTANCES.UPDATED_AT.lt(failedBefore));
    Condition left =
        INSTANCES
            .STATE
            .eq(InstanceState.DESTROYING.key())
            .and(INSTANCES.UPDATED_AT.lt(leftBefore))
            .and(AGENTS.INSTANCE_ID.isDistinctFrom(INSTANCES.ID));
    return sql.select(INSTANCES.ID)
        .from(INSTANCES)
        .join(AGENTS)
        .on(AGENTS.ID.eq(INSTANCES.AGENT_ID))
        .where(INSTANCES.PROVIDER.eq(provider))
        .and(failed.or(left))
        .and(DSL.notExists(activeJob()))
        .fetch(INSTANCES.ID);
  }

  /**
   * Takes such an instance from its agent, to be destroyed as one without. Its agent, locked first
   * as by everybody, can be rebuilt.
   */
  static boolean release(DSLContext sql, UUID id) {
    Optional<UUID> agent =
        sql.select(INSTANCES.AGENT_ID)
            .from(INSTANCES)
            .where(INSTANCES.ID.eq(id))
            .fetchOptional(INSTANCES.AGENT_ID);
    if (agent.isEmpty()) {
      return false;
    }
    sql.select(AGENTS.ID).from(AGENTS).where(AGENTS.ID.eq(agent.get())).forNoKeyUpdate().fetch();
    boolean released =
        sql.update(INSTANCES)
                .setNull(INSTANCES.AGENT_ID)
                .set(INSTANCES.STATE, InstanceState.DESTROYING.key())
                .setNull(INSTANCES.DESTROY_AFTER)
                .set(INSTANCES.UPDATED_AT, currentInstant())
                .where(INSTANCES.ID.eq(id))
                .and(INSTANCES.AGENT_ID.eq(agent.get()))
                .and(INSTANCES.STATE.in(InstanceState.FAILED.key(), InstanceState.DESTROYING.key()))
                .and(DSL.notExists(activeJob()))
                .execute()
            == 1;
    if (released) {
      sql.update(AGENTS)
          .setNull(AGENTS.INSTANCE_ID)
          .setNull(AGENTS.INSTANCE_HASH)
          .setNull(AGENTS.VM_URL)
          .setNull(AGENTS.CRN_URL)
          .where(AGENTS.INSTANCE_ID.eq(id))
          .execute();
    }
    return released;
  }

  /** A job of the instance's agent, in a query that has the instance. */
  private static Select<?> activeJob() {
    return DSL.selectOne()
        .from(DEPLOYMENTS)
        .where(DEPLOYMENTS.AGENT_ID.eq(INSTANCES.AGENT_ID))
        .and(DEPLOYMENTS.STATUS.in("queued", "running"));
  }
}
