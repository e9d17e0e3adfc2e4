package ai.liberclaw.deploy.provider.ssh;

import static ai.liberclaw.db.platform.Tables.HOSTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static org.jooq.impl.DSL.currentInstant;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.tables.records.HostsRecord;
import ai.liberclaw.deploy.host.HostFacts;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSONB;

/** Rows of hosts, and which instance is on which. Every method works in the context it is given. */
final class HostStore {
  private static final String DOWN = "not_up";

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
        .set(HOSTS.PUBLIC_NAME, host.publicName().orElse(null))
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
    chosen.ifPresent(host -> put(sql, instanceId, host.id()));
    return chosen;
  }

  /** The instance is on this host. */
  static void put(DSLContext sql, UUID instanceId, UUID hostId) {
    sql.update(INSTANCES)
        .set(INSTANCES.HOST_ID, hostId)
        .where(INSTANCES.ID.eq(instanceId))
        .execute();
  }

  /** The instance has nothing on its host any more. */
  static void release(DSLContext sql, UUID instanceId) {
    sql.update(INSTANCES).setNull(INSTANCES.HOST_ID).where(INSTANCES.ID.eq(instanceId)).execute();
  }

  static void seen(DSLContext sql, UUID id, HostFacts facts) {
    sql.update(HOSTS)
        .set(HOSTS.FACTS, JSONB.jsonb(Json.write(facts.json())))
        .where(HOSTS.ID.eq(id))
        .execute();
    reached(sql, id);
  }

  /** It answered. */
  static void reached(DSLContext sql, UUID id) {
    sql.update(HOSTS)
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

  /** Notes that an agent which should run does not; false when it is known, or stands no more. */
  static boolean markDown(DSLContext sql, Instance instance) {
    return sql.update(INSTANCES)
            .set(INSTANCES.ERROR_CODE, DOWN)
            .where(INSTANCES.ID.eq(instance.id()))
            .and(INSTANCES.GENERATION.eq(instance.generation()))
            .and(INSTANCES.STATE.eq(InstanceState.RUNNING.key()))
            .execute()
        == 1;
  }

  /** True when it was known not to run. */
  static boolean unmarkDown(DSLContext sql, Instance instance) {
    return sql.update(INSTANCES)
            .setNull(INSTANCES.ERROR_CODE)
            .where(INSTANCES.ID.eq(instance.id()))
            .and(INSTANCES.GENERATION.eq(instance.generation()))
            .and(INSTANCES.STATE.eq(InstanceState.DEGRADED.key()))
            .and(INSTANCES.ERROR_CODE.eq(DOWN))
            .execute()
        == 1;
  }

  /** Keeps a changed handle, unless a deployment changed it, or took the instance over. */
  static boolean exchange(
      DSLContext sql, Instance instance, ObjectNode changed, Optional<Endpoint> endpoint) {
    boolean stood =
        sql.update(INSTANCES)
                .set(INSTANCES.HANDLE, JSONB.jsonb(Json.write(changed)))
                .set(
                    INSTANCES.ENDPOINT,
                    endpoint.map(e -> JSONB.jsonb(Json.write(e.json()))).orElse(null))
                .where(INSTANCES.ID.eq(instance.id()))
                .and(INSTANCES.GENERATION.eq(instance.generation()))
                .and(
                    INSTANCES.STATE.in(
                        InstanceState.kept().stream().map(InstanceState::key).toList()))
                .and(INSTANCES.HANDLE.eq(JSONB.jsonb(Json.write(instance.handle()))))
                .execute()
            == 1;
    if (stood) {
      InstanceStore.publish(sql, instance.id(), endpoint);
    }
    return stood;
  }

  static void setPublicName(DSLContext sql, UUID id, Optional<String> name) {
    sql.update(HOSTS).set(HOSTS.PUBLIC_NAME, name.orElse(null)).where(HOSTS.ID.eq(id)).execute();
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
        Optional.ofNullable(row.getPublicName()),
        facts,
        row.getState(),
        Optional.ofNullable(row.getErrorCode()),
        Optional.ofNullable(row.getLastSeenAt()));
  }
}
