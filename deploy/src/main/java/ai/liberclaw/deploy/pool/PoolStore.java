package ai.liberclaw.deploy.pool;

import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static org.jooq.impl.DSL.currentInstant;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.tables.Instances;
import ai.liberclaw.db.platform.tables.records.InstancesRecord;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.InstanceEventStore;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.JSONB;
import org.jooq.impl.DSL;

/**
 * Instances without an agent. One that was given to an agent is no longer seen here; if it comes
 * back, then only to be destroyed. Every method works in the context it is given.
 */
public final class PoolStore {
  private PoolStore() {}

  static void insert(DSLContext sql, UUID id, String provider) {
    sql.insertInto(INSTANCES)
        .set(INSTANCES.ID, id)
        .set(INSTANCES.PROVIDER, provider)
        .set(INSTANCES.STATE, InstanceState.REQUESTED.key())
        .execute();
  }

  /** All of these providers, oldest first. */
  static List<PoolMachine> machines(DSLContext sql, Collection<String> providers) {
    return sql.selectFrom(INSTANCES)
        .where(INSTANCES.AGENT_ID.isNull())
        .and(INSTANCES.PROVIDER.in(providers))
        .orderBy(INSTANCES.CREATED_AT, INSTANCES.ID)
        .fetch(PoolStore::machine);
  }

  static Optional<PoolMachine> find(DSLContext sql, UUID id) {
    return sql.selectFrom(INSTANCES).where(free(id)).fetchOptional(PoolStore::machine);
  }

  /** Locks the row until the transaction ends; empty when an agent has it, or nobody. */
  static Optional<PoolMachine> lock(DSLContext sql, UUID id) {
    return sql.selectFrom(INSTANCES).where(free(id)).forUpdate().fetchOptional(PoolStore::machine);
  }

  static void moveTo(DSLContext sql, UUID id, InstanceState state) {
    sql.update(INSTANCES)
        .set(INSTANCES.STATE, state.key())
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(free(id))
        .execute();
  }

  static void warm(DSLContext sql, UUID id, Instant now) {
    sql.update(INSTANCES)
        .set(INSTANCES.STATE, InstanceState.WARM.key())
        .set(INSTANCES.WARM_AT, now)
        .set(INSTANCES.LAST_SEEN_AT, now)
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(free(id))
        .execute();
  }

  static void record(DSLContext sql, UUID id, ObjectNode handle, Optional<Endpoint> endpoint) {
    sql.update(INSTANCES)
        .set(INSTANCES.HANDLE, JSONB.jsonb(Json.write(handle)))
        .set(INSTANCES.ENDPOINT, endpoint.map(e -> JSONB.jsonb(Json.write(e.json()))).orElse(null))
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(free(id))
        .execute();
  }

  static void seen(DSLContext sql, UUID id, Instant now) {
    sql.update(INSTANCES).set(INSTANCES.LAST_SEEN_AT, now).where(free(id)).execute();
  }

  /** Notes when a destroy that failed is to be tried again. */
  static void postpone(DSLContext sql, UUID id, Instant until, String code) {
    sql.update(INSTANCES)
        .set(INSTANCES.DESTROY_AFTER, until)
        .set(INSTANCES.ERROR_CODE, code)
        .where(free(id))
        .execute();
  }

  /** Whatever waits or is being made is to be destroyed; nothing when an agent has it by now. */
  static void doom(DSLContext sql, UUID id, String code) {
    sql.update(INSTANCES)
        .set(INSTANCES.STATE, InstanceState.DESTROYING.key())
        .set(INSTANCES.ERROR_CODE, code)
        .setNull(INSTANCES.DESTROY_AFTER)
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(free(id))
        .and(INSTANCES.STATE.ne(InstanceState.DESTROYING.key()))
        .execute();
  }

  static void delete(DSLContext sql, UUID id) {
    sql.deleteFrom(INSTANCES).where(free(id)).execute();
  }

  /**
   * Gives the machine that has waited longest to an agent, for ever; nobody else can get it, not
   * even when the agent does not use it.
   */
  public static Optional<UUID> claim(
      DSLContext sql, String provider, UUID agentId, long generation) {
    Instances due = INSTANCES.as("due");
    Optional<UUID> claimed =
        sql.update(INSTANCES)
            .set(INSTANCES.STATE, InstanceState.ALLOCATED.key())
            .set(INSTANCES.AGENT_ID, agentId)
            .set(INSTANCES.GENERATION, generation)
            .set(INSTANCES.CLAIMED_AT, currentInstant())
            .set(INSTANCES.UPDATED_AT, currentInstant())
            .where(
                INSTANCES.ID.eq(
                    DSL.select(due.ID)
                        .from(due)
                        .where(due.STATE.eq(InstanceState.WARM.key()))
                        .and(due.AGENT_ID.isNull())
                        .and(due.PROVIDER.eq(provider))
                        .orderBy(due.WARM_AT, due.ID)
                        .limit(1)
                        .forUpdate()
                        .skipLocked()))
            .and(INSTANCES.STATE.eq(InstanceState.WARM.key()))
            .returningResult(INSTANCES.ID)
            .fetchOptional(INSTANCES.ID);
    claimed.ifPresent(id ->
        InstanceEventStore.add(
            sql, id, Optional.of(agentId), provider, "claimed", Optional.empty()));
    return claimed;
  }

  /** A claimed machine that was not fit: it is destroyed, and its agent is rid of it. */
  public static void reject(DSLContext sql, UUID id, String provider, UUID agentId, String code) {
    InstanceStore.failed(sql, id, "provisioning", code);
    sql.update(INSTANCES)
        .setNull(INSTANCES.AGENT_ID)
        .set(INSTANCES.STATE, InstanceState.DESTROYING.key())
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(INSTANCES.ID.eq(id))
        .and(INSTANCES.AGENT_ID.eq(agentId))
        .execute();
    InstanceEventStore.add(sql, id, Optional.of(agentId), provider, "unfit", Optional.of(code));
  }

  private static Condition free(UUID id) {
    return INSTANCES.ID.eq(id).and(INSTANCES.AGENT_ID.isNull());
  }

  private static PoolMachine machine(InstancesRecord row) {
    ObjectNode handle =
        Json.parse(row.getHandle().data()) instanceof ObjectNode object ? object : Json.object();
    return new PoolMachine(
        row.getId(),
        row.getProvider(),
        InstanceState.of(row.getState()),
        handle,
        Optional.ofNullable(row.getWarmAt()),
        Optional.ofNullable(row.getLastSeenAt()),
        Optional.ofNullable(row.getDestroyAfter()),
        row.getUpdatedAt());
  }
}
