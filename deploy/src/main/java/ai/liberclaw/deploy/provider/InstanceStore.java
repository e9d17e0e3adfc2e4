package ai.liberclaw.deploy.provider;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static org.jooq.impl.DSL.currentInstant;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.tables.records.InstancesRecord;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSONB;

/**
 * Rows of instances. A change of state is also written to the agent it belongs to, as the status
 * clients see, in the same transaction. Every method works in the context it is given.
 */
public final class InstanceStore {
  private InstanceStore() {}

  public static void insert(
      DSLContext sql, UUID id, UUID agentId, String provider, long generation) {
    sql.insertInto(INSTANCES)
        .set(INSTANCES.ID, id)
        .set(INSTANCES.AGENT_ID, agentId)
        .set(INSTANCES.PROVIDER, provider)
        .set(INSTANCES.STATE, InstanceState.REQUESTED.key())
        .set(INSTANCES.GENERATION, generation)
        .execute();
  }

  /** An agent's instance; one of the pool is not found here. */
  public static Optional<Instance> find(DSLContext sql, UUID id) {
    return sql.selectFrom(INSTANCES)
        .where(INSTANCES.ID.eq(id))
        .and(INSTANCES.AGENT_ID.isNotNull())
        .fetchOptional(InstanceStore::instance);
  }

  /** All instances of an agent that may still hold something, oldest first. */
  public static List<Instance> holding(DSLContext sql, UUID agentId) {
    return sql.selectFrom(INSTANCES)
        .where(INSTANCES.AGENT_ID.eq(agentId))
        .and(INSTANCES.STATE.in(InstanceState.keys(InstanceState.holding())))
        .orderBy(INSTANCES.CREATED_AT)
        .fetch(InstanceStore::instance);
  }

  /** A provider's instances in any of these states, oldest first; none of the pool. */
  public static List<Instance> in(DSLContext sql, String provider, Set<InstanceState> states) {
    return sql.selectFrom(INSTANCES)
        .where(INSTANCES.PROVIDER.eq(provider))
        .and(INSTANCES.AGENT_ID.isNotNull())
        .and(INSTANCES.STATE.in(InstanceState.keys(states)))
        .orderBy(INSTANCES.CREATED_AT)
        .fetch(InstanceStore::instance);
  }

  /** Whether the instance is still in one of these states and of this generation. */
  public static boolean stands(
      DSLContext sql, UUID id, long generation, Set<InstanceState> states) {
    return sql.fetchExists(
        sql.selectOne()
            .from(INSTANCES)
            .where(INSTANCES.ID.eq(id))
            .and(INSTANCES.GENERATION.eq(generation))
            .and(INSTANCES.STATE.in(InstanceState.keys(states))));
  }

  public static void moveTo(DSLContext sql, UUID id, InstanceState state) {
    sql.update(INSTANCES)
        .set(INSTANCES.STATE, state.key())
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(INSTANCES.ID.eq(id))
        .execute();
    sql.update(AGENTS)
        .set(AGENTS.DEPLOYMENT_STATUS, state.wire())
        .set(AGENTS.UPDATED_AT, currentInstant())
        .where(AGENTS.INSTANCE_ID.eq(id))
        .and(AGENTS.DEPLOYMENT_STATUS.ne(state.wire()))
        .execute();
  }

  /**
   * Makes another instance the agent's, in place of the one it was to have, which is left to be
   * destroyed.
   */
  public static void exchange(DSLContext sql, UUID agentId, UUID old, UUID chosen) {
    sql.update(AGENTS)
        .set(AGENTS.INSTANCE_ID, chosen)
        .where(AGENTS.ID.eq(agentId))
        .and(AGENTS.INSTANCE_ID.eq(old))
        .execute();
    moveTo(sql, old, InstanceState.DESTROYING);
    moveTo(sql, chosen, InstanceState.PROVISIONING);
  }

  /** From now on the instance belongs to a later deployment of the same agent. */
  public static void advance(DSLContext sql, UUID id, long generation) {
    sql.update(INSTANCES)
        .set(INSTANCES.GENERATION, generation)
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(INSTANCES.ID.eq(id))
        .execute();
  }

  public static void record(
      DSLContext sql, UUID id, ObjectNode handle, Optional<Endpoint> endpoint) {
    sql.update(INSTANCES)
        .set(INSTANCES.HANDLE, JSONB.jsonb(Json.write(handle)))
        .set(INSTANCES.ENDPOINT, endpoint.map(e -> JSONB.jsonb(Json.write(e.json()))).orElse(null))
        .set(INSTANCES.UPDATED_AT, currentInstant())
        .where(INSTANCES.ID.eq(id))
        .execute();
  }

  /** Notes that the agent answered, and with which start. */
  public static void seen(DSLContext sql, UUID id, Optional<String> bootId) {
    sql.update(INSTANCES)
        .set(INSTANCES.BOOT_ID, bootId.orElse(null))
        .set(INSTANCES.LAST_SEEN_AT, currentInstant())
        .where(INSTANCES.ID.eq(id))
        .execute();
  }

  /** Notes the release that runs; the one before it stays known. */
  public static void runs(DSLContext sql, UUID id, String release) {
    sql.update(INSTANCES)
        .set(INSTANCES.PREVIOUS_RELEASE, INSTANCES.RELEASE)
        .set(INSTANCES.RELEASE, release)
        .where(INSTANCES.ID.eq(id))
        .and(INSTANCES.RELEASE.isDistinctFrom(release))
        .execute();
  }

  /** Nothing answers there any more, and no update of it can go back to what did. */
  public static void silent(DSLContext sql, UUID id) {
    sql.update(INSTANCES)
        .set(INSTANCES.BOOT_ID, (String) null)
        .where(INSTANCES.ID.eq(id))
        .execute();
  }

  /** Shows the agent's address to clients. */
  public static void publish(DSLContext sql, UUID id, Optional<Endpoint> endpoint) {
    sql.update(AGENTS)
        .set(AGENTS.VM_URL, endpoint.map(e -> e.origin().toString()).orElse(null))
        .set(AGENTS.UPDATED_AT, currentInstant())
        .where(AGENTS.INSTANCE_ID.eq(id))
        .execute();
  }

  /** Why the last deployment of the instance failed. */
  public static void failed(DSLContext sql, UUID id, String step, String code) {
    sql.update(INSTANCES)
        .set(INSTANCES.FAILED_STEP, step)
        .set(INSTANCES.ERROR_CODE, code)
        .where(INSTANCES.ID.eq(id))
        .execute();
  }

  /**
   * Notes what an instance that is up lacks; nothing, and whatever was wrong before is over.
   *
   * @param code why it is degraded
   */
  public static void lacks(DSLContext sql, UUID id, Optional<String> code) {
    sql.update(INSTANCES)
        .setNull(INSTANCES.FAILED_STEP)
        .set(INSTANCES.ERROR_CODE, code.orElse(null))
        .where(INSTANCES.ID.eq(id))
        .execute();
  }

  /** Removes the row of an instance of which nothing is left. */
  public static void delete(DSLContext sql, UUID id) {
    sql.deleteFrom(INSTANCES).where(INSTANCES.ID.eq(id)).execute();
  }

  private static Instance instance(InstancesRecord row) {
    ObjectNode handle =
        Json.parse(row.getHandle().data()) instanceof ObjectNode object ? object : Json.object();
    return new Instance(
        row.getId(),
        row.getAgentId(),
        row.getProvider(),
        InstanceState.of(row.getState()),
        row.getGeneration(),
        handle,
        Optional.ofNullable(row.getEndpoint()).flatMap(e -> Endpoint.of(Json.parse(e.data()))),
        Optional.ofNullable(row.getBootId()));
  }
}
