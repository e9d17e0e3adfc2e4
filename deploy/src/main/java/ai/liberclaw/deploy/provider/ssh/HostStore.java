package ai.liberclaw.deploy.provider.ssh;

import static ai.liberclaw.db.platform.Tables.HOSTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static org.jooq.impl.DSL.currentInstant;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.tables.records.HostsRecord;
import ai.liberclaw.deploy.host.HostFacts;
import ai.liberclaw.deploy.host.HostKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSONB;

/** Rows of hosts, and which instance is on which. Every method works in the context it is given. */
final class HostStore {
  private HostStore() {}

  static void insert(DSLContext sql, Host host) {
    sql.insertInto(HOSTS)
        .set(HOSTS.ID, host.id())
        .set(HOSTS.OWNER_ID, host.ownerId().orElse(null))
        .set(HOSTS.NAME, host.name())
        .set(HOSTS.ADDRESS, host.address())
        .set(HOSTS.PORT, host.port())
        .set(HOSTS.LOGIN, host.login())
        .set(HOSTS.HOST_KEY, host.hostKey().line())
        .set(HOSTS.SSH_KEY, host.sealedKey())
        .set(HOSTS.ROOTLESS, host.rootless())
        .set(HOSTS.AGENTS_MAX, host.agentsMax())
        .set(HOSTS.FACTS, JSONB.jsonb(Json.write(host.facts())))
        .set(HOSTS.STATE, host.state())
        .set(HOSTS.LAST_SEEN_AT, currentInstant())
        .execute();
  }

  static Optional<Host> find(DSLContext sql, UUID id) {
    return sql.selectFrom(HOSTS).where(HOSTS.ID.eq(id)).fetchOptional(HostStore::host);
  }

  /** One of the operator's by its name. */
  static Optional<Host> named(DSLContext sql, String name) {
    return sql.selectFrom(HOSTS)
        .where(HOSTS.NAME.eq(name))
        .and(HOSTS.OWNER_ID.isNull())
        .fetchOptional(HostStore::host);
  }

  static List<Host> all(DSLContext sql) {
    return sql.selectFrom(HOSTS).orderBy(HOSTS.NAME, HOSTS.ID).fetch(HostStore::host);
  }

  static boolean any(DSLContext sql) {
    return sql.fetchExists(sql.selectOne().from(HOSTS).where(HOSTS.STATE.ne(Host.CLOSED)));
  }

  static int agents(DSLContext sql, UUID hostId) {
    return sql.fetchCount(INSTANCES, INSTANCES.HOST_ID.eq(hostId));
  }

  /** The host of an instance, once it has one. */
  static Optional<Host> of(DSLContext sql, UUID instanceId) {
    return sql.select(INSTANCES.HOST_ID)
        .from(INSTANCES)
        .where(INSTANCES.ID.eq(instanceId))
        .fetchOptional(INSTANCES.HOST_ID)
        .flatMap(id -> find(sql, id));
  }

  /**
   * Gives the instance a place on a host that has room, and that belongs to the owner or to
   * everybody: the owner's own first, then the emptiest.
   */
  static Optional<Host> assign(DSLContext sql, UUID instanceId, UUID ownerId) {
    Optional<Host> had = of(sql, instanceId);
    if (had.isPresent()) {
      return had;
    }
    // The locked rows keep two deployments from taking one last place.
    List<Host> candidates =
        sql.selectFrom(HOSTS)
            .where(HOSTS.STATE.eq(Host.READY))
            .and(HOSTS.OWNER_ID.isNull().or(HOSTS.OWNER_ID.eq(ownerId)))
            .orderBy(HOSTS.ID)
            .forUpdate()
            .fetch(HostStore::host);
    Optional<Host> chosen =
        candidates.stream()
            .filter(host -> agents(sql, host.id()) < host.agentsMax())
            .min(
                Comparator.comparing((Host host) -> host.ownerId().isEmpty())
                    .thenComparingInt(host -> agents(sql, host.id())));
    chosen.ifPresent(host ->
        sql.update(INSTANCES)
            .set(INSTANCES.HOST_ID, host.id())
            .where(INSTANCES.ID.eq(instanceId))
            .execute());
    return chosen;
  }

  /** The instance has nothing on its host any more. */
  static void release(DSLContext sql, UUID instanceId) {
    sql.update(INSTANCES).setNull(INSTANCES.HOST_ID).where(INSTANCES.ID.eq(instanceId)).execute();
  }

  static void seen(DSLContext sql, UUID id, HostFacts facts) {
    sql.update(HOSTS)
        .set(HOSTS.FACTS, JSONB.jsonb(Json.write(facts.json())))
        .set(HOSTS.LAST_SEEN_AT, currentInstant())
        .setNull(HOSTS.ERROR_CODE)
        .where(HOSTS.ID.eq(id))
        .execute();
    sql.update(HOSTS)
        .set(HOSTS.STATE, Host.READY)
        .where(HOSTS.ID.eq(id))
        .and(HOSTS.STATE.eq(Host.UNREACHABLE))
        .execute();
  }

  static void failed(DSLContext sql, UUID id, String code) {
    sql.update(HOSTS).set(HOSTS.ERROR_CODE, code).where(HOSTS.ID.eq(id)).execute();
    sql.update(HOSTS)
        .set(HOSTS.STATE, Host.UNREACHABLE)
        .where(HOSTS.ID.eq(id))
        .and(HOSTS.STATE.eq(Host.READY))
        .execute();
  }

  static void setState(DSLContext sql, UUID id, String state) {
    sql.update(HOSTS).set(HOSTS.STATE, state).where(HOSTS.ID.eq(id)).execute();
  }

  static void delete(DSLContext sql, UUID id) {
    sql.deleteFrom(HOSTS).where(HOSTS.ID.eq(id)).execute();
  }

  private static Host host(HostsRecord row) {
    ObjectNode facts =
        Json.parse(row.getFacts().data()) instanceof ObjectNode object ? object : Json.object();
    return new Host(
        row.getId(),
        Optional.ofNullable(row.getOwnerId()),
        row.getName(),
        row.getAddress(),
        row.getPort(),
        row.getLogin(),
        new HostKey(row.getHostKey()),
        row.getSshKey(),
        row.getRootless(),
        row.getAgentsMax(),
        facts,
        row.getState(),
        Optional.ofNullable(row.getErrorCode()),
        Optional.ofNullable(row.getLastSeenAt()));
  }
}
