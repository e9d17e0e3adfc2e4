package ai.liberclaw.deploy.reconcile;

import static ai.liberclaw.db.platform.Tables.ORPHANS;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.tables.records.OrphansRecord;
import ai.liberclaw.deploy.provider.Found;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.JSONB;

/** Rows of orphans. Every method works in the context it is given. */
final class OrphanStore {
  /** A provider may go on listing for so long what it has destroyed. */
  private static final Duration LISTED_AFTER_DESTROY = Duration.ofMinutes(30);

  private OrphanStore() {}

  /**
   * Notes that it was seen without an owner. What was destroyed and is there again, or was owned
   * and is not any more, begins anew; what the operator keeps stays kept.
   */
  static void seen(DSLContext sql, String provider, Found found, Instant now, Instant destroyAt) {
    JSONB handle = JSONB.jsonb(Json.write(found.handle()));
    sql.insertInto(ORPHANS)
        .set(ORPHANS.PROVIDER, provider)
        .set(ORPHANS.EXTERNAL_ID, found.externalId())
        .set(ORPHANS.HANDLE, handle)
        .set(ORPHANS.FIRST_SEEN_AT, now)
        .set(ORPHANS.LAST_SEEN_AT, now)
        .set(ORPHANS.DESTROY_AFTER, destroyAt)
        .onConflict(ORPHANS.PROVIDER, ORPHANS.EXTERNAL_ID)
        .doUpdate()
        .set(ORPHANS.HANDLE, handle)
        .set(ORPHANS.LAST_SEEN_AT, now)
        .execute();
    sql.update(ORPHANS)
        .set(ORPHANS.STATE, Orphan.State.QUARANTINED.key())
        .set(ORPHANS.FIRST_SEEN_AT, now)
        .set(ORPHANS.DESTROY_AFTER, destroyAt)
        .setNull(ORPHANS.ERROR_CODE)
        .where(one(provider, found.externalId()))
        .and(ORPHANS.STATE.eq(Orphan.State.DESTROYED.key()))
        .and(ORPHANS.DESTROYED_AT.lt(now.minus(LISTED_AFTER_DESTROY)))
        .execute();
  }

  /** Forgets those that wait and are not there any more, or have an owner again. */
  static void forgetWaiting(DSLContext sql, String provider, Collection<String> stillThere) {
    sql.deleteFrom(ORPHANS)
        .where(ORPHANS.PROVIDER.eq(provider))
        .and(ORPHANS.STATE.in(waiting()))
        .and(ORPHANS.EXTERNAL_ID.notIn(stillThere))
        .execute();
  }

  /** Those whose time has come, oldest first. */
  static List<Orphan> due(DSLContext sql, String provider, Instant now) {
    return sql.selectFrom(ORPHANS)
        .where(ORPHANS.PROVIDER.eq(provider))
        .and(ORPHANS.STATE.in(doomed()))
        .and(ORPHANS.DESTROY_AFTER.le(now))
        .orderBy(ORPHANS.FIRST_SEEN_AT, ORPHANS.EXTERNAL_ID)
        .fetch(OrphanStore::orphan);
  }

  static int destroyedSince(DSLContext sql, String provider, Instant start) {
    return sql.fetchCount(
        ORPHANS, ORPHANS.PROVIDER.eq(provider).and(ORPHANS.DESTROYED_AT.gt(start)));
  }

  /** Locks the row; empty when it is no longer to be destroyed. */
  static Optional<Orphan> lockWaiting(DSLContext sql, String provider, String externalId) {
    return sql.selectFrom(ORPHANS)
        .where(one(provider, externalId))
        .and(ORPHANS.STATE.in(doomed()))
        .forUpdate()
        .fetchOptional(OrphanStore::orphan);
  }

  static void hold(DSLContext sql, String provider, Collection<String> externalIds) {
    sql.update(ORPHANS)
        .set(ORPHANS.STATE, Orphan.State.HELD.key())
        .where(ORPHANS.PROVIDER.eq(provider))
        .and(ORPHANS.EXTERNAL_ID.in(externalIds))
        .and(ORPHANS.STATE.eq(Orphan.State.QUARANTINED.key()))
        .execute();
  }

  static int held(DSLContext sql, String provider) {
    return sql.fetchCount(
        ORPHANS, ORPHANS.PROVIDER.eq(provider).and(ORPHANS.STATE.eq(Orphan.State.HELD.key())));
  }

  static void destroyed(DSLContext sql, String provider, String externalId, Instant now) {
    sql.update(ORPHANS)
        .set(ORPHANS.STATE, Orphan.State.DESTROYED.key())
        .set(ORPHANS.DESTROYED_AT, now)
        .setNull(ORPHANS.ERROR_CODE)
        .where(one(provider, externalId))
        .execute();
  }

  static void failed(DSLContext sql, String provider, String externalId, String code) {
    sql.update(ORPHANS).set(ORPHANS.ERROR_CODE, code).where(one(provider, externalId)).execute();
  }

  static List<Orphan> all(DSLContext sql) {
    return sql.selectFrom(ORPHANS)
        .orderBy(ORPHANS.FIRST_SEEN_AT, ORPHANS.PROVIDER, ORPHANS.EXTERNAL_ID)
        .fetch(OrphanStore::orphan);
  }

  /** What the operator decides; false when no such one waits. */
  static boolean decide(
      DSLContext sql, String provider, String externalId, Orphan.State state, Instant when) {
    return sql.update(ORPHANS)
            .set(ORPHANS.STATE, state.key())
            .set(ORPHANS.DESTROY_AFTER, when)
            .where(one(provider, externalId))
            .and(ORPHANS.STATE.ne(Orphan.State.DESTROYED.key()))
            .execute()
        == 1;
  }

  static void forgetDestroyedBefore(DSLContext sql, Instant start) {
    sql.deleteFrom(ORPHANS)
        .where(ORPHANS.STATE.eq(Orphan.State.DESTROYED.key()))
        .and(ORPHANS.LAST_SEEN_AT.lt(start))
        .execute();
  }

  private static Set<String> waiting() {
    return Set.of(
        Orphan.State.QUARANTINED.key(), Orphan.State.HELD.key(), Orphan.State.APPROVED.key());
  }

  private static Set<String> doomed() {
    return Set.of(Orphan.State.QUARANTINED.key(), Orphan.State.APPROVED.key());
  }

  private static Condition one(String provider, String externalId) {
    return ORPHANS.PROVIDER.eq(provider).and(ORPHANS.EXTERNAL_ID.eq(externalId));
  }

  private static Orphan orphan(OrphansRecord row) {
    ObjectNode handle =
        Json.parse(row.getHandle().data()) instanceof ObjectNode object ? object : Json.object();
    return new Orphan(
        row.getProvider(),
        row.getExternalId(),
        handle,
        Orphan.State.of(row.getState()),
        row.getFirstSeenAt(),
        row.getDestroyAfter(),
        Optional.ofNullable(row.getErrorCode()));
  }
}
