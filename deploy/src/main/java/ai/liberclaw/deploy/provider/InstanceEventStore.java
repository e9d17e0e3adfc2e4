package ai.liberclaw.deploy.provider;

import static ai.liberclaw.db.platform.Tables.INSTANCE_EVENTS;

import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** What happened to instances, kept when they are gone. Works in the context it is given. */
public final class InstanceEventStore {
  private InstanceEventStore() {}

  /**
   * Notes one thing.
   *
   * @param event one word, such as {@code claimed}
   * @param detail for the operator, without secrets
   */
  public static void add(
      DSLContext sql,
      UUID instanceId,
      Optional<UUID> agentId,
      String provider,
      String event,
      Optional<String> detail) {
    sql.insertInto(INSTANCE_EVENTS)
        .set(INSTANCE_EVENTS.ID, UUID.randomUUID())
        .set(INSTANCE_EVENTS.INSTANCE_ID, instanceId)
        .set(INSTANCE_EVENTS.AGENT_ID, agentId.orElse(null))
        .set(INSTANCE_EVENTS.PROVIDER, provider)
        .set(INSTANCE_EVENTS.EVENT, event)
        .set(INSTANCE_EVENTS.DETAIL, detail.orElse(null))
        .execute();
  }
}
