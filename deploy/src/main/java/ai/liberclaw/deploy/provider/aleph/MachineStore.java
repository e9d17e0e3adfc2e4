package ai.liberclaw.deploy.provider.aleph;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;

import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** What instances' rows hold of their machines beside the handle. */
final class MachineStore {
  private MachineStore() {}

  /** The sealed private key that logs in. */
  static Optional<String> sshKey(DSLContext sql, UUID instanceId) {
    return sql.select(INSTANCES.SSH_KEY)
        .from(INSTANCES)
        .where(INSTANCES.ID.eq(instanceId))
        .fetchOptional(INSTANCES.SSH_KEY);
  }

  /** Keeps a key unless there is one; the first stays. */
  static void keepSshKey(DSLContext sql, UUID instanceId, String sealed) {
    sql.update(INSTANCES)
        .set(INSTANCES.SSH_KEY, sealed)
        .where(INSTANCES.ID.eq(instanceId))
        .and(INSTANCES.SSH_KEY.isNull())
        .execute();
  }

  /** The key by which the machine must be known. */
  static Optional<String> hostKey(DSLContext sql, UUID instanceId) {
    return sql.select(INSTANCES.HOST_KEY)
        .from(INSTANCES)
        .where(INSTANCES.ID.eq(instanceId))
        .fetchOptional(INSTANCES.HOST_KEY);
  }

  /** Pins a machine's key: the first stays until another machine is ordered. */
  static void pin(DSLContext sql, UUID instanceId, String hash, String hostKey) {
    sql.update(INSTANCES)
        .set(INSTANCES.HOST_KEY, hostKey)
        .where(INSTANCES.ID.eq(instanceId))
        .and(INSTANCES.EXTERNAL_ID.eq(hash))
        .and(INSTANCES.HOST_KEY.isNull())
        .execute();
  }

  /** Another machine was ordered for the instance: nothing is known of its key yet. */
  static void ordered(DSLContext sql, UUID instanceId, String hash) {
    sql.update(INSTANCES)
        .set(INSTANCES.EXTERNAL_ID, hash)
        .setNull(INSTANCES.HOST_KEY)
        .where(INSTANCES.ID.eq(instanceId))
        .and(INSTANCES.EXTERNAL_ID.isDistinctFrom(hash))
        .execute();
  }

  /** The machine an instance has now. */
  static Optional<String> current(DSLContext sql, UUID instanceId) {
    return sql.select(INSTANCES.EXTERNAL_ID)
        .from(INSTANCES)
        .where(INSTANCES.ID.eq(instanceId))
        .fetchOptional(INSTANCES.EXTERNAL_ID);
  }

  /**
   * Whether the instance is still kept as it was read, and degraded for no other reason than this.
   * Its agent, locked first as by everybody, gets no deployment before the transaction has ended.
   */
  static boolean keptAsRead(DSLContext sql, Instance instance, String reason) {
    sql.select(AGENTS.ID)
        .from(AGENTS)
        .where(AGENTS.ID.eq(instance.agentId()))
        .forNoKeyUpdate()
        .fetch();
    return InstanceStore.stands(sql, instance.id(), instance.generation(), InstanceState.kept())
        && sql.fetchExists(
            INSTANCES,
            INSTANCES
                .ID
                .eq(instance.id())
                .and(
                    INSTANCES
                        .STATE
                        .eq(InstanceState.RUNNING.key())
                        .or(INSTANCES.ERROR_CODE.eq(reason))));
  }
}
