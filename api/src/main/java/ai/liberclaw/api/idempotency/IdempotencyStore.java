package ai.liberclaw.api.idempotency;

import static ai.liberclaw.db.platform.Tables.IDEMPOTENCY_KEYS;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.val;

import ai.liberclaw.db.platform.tables.records.IdempotencyKeysRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;

/** Which requests came under a key of the client's, and what was answered. */
public final class IdempotencyStore {
  private static final Duration KEPT = Duration.ofHours(24);

  /** What a key says about a request. */
  public enum Claim {
    FIRST,
    REPEAT,
    OTHER_REQUEST
  }

  /**
   * One request under a key.
   *
   * @param path of the route, with its ids
   * @param bodyHash SHA-256 in hexadecimal, tells a repeat from another request
   */
  public record Request(UUID userId, String path, IdempotencyKey key, String bodyHash) {}

  /**
   * An answer as it was given.
   *
   * @param body JSON
   */
  public record Answer(int status, String body) {}

  /** Claims the key for a request, or tells who has it. Waits for a claim that is under way. */
  public Claim claim(DSLContext sql, Request request, Instant now) {
    sql.deleteFrom(IDEMPOTENCY_KEYS)
        .where(same(request))
        .and(IDEMPOTENCY_KEYS.CREATED_AT.lt(now.minus(KEPT)))
        .execute();
    int inserted =
        sql.insertInto(IDEMPOTENCY_KEYS)
            .set(IDEMPOTENCY_KEYS.USER_ID, request.userId())
            .set(IDEMPOTENCY_KEYS.PATH, request.path())
            .set(IDEMPOTENCY_KEYS.KEY, request.key().text())
            .set(IDEMPOTENCY_KEYS.BODY_HASH, request.bodyHash())
            .set(IDEMPOTENCY_KEYS.CREATED_AT, now)
            .onConflictDoNothing()
            .execute();
    if (inserted == 1) {
      return Claim.FIRST;
    }
    boolean repeat =
        sql.fetchExists(
            IDEMPOTENCY_KEYS, same(request).and(IDEMPOTENCY_KEYS.BODY_HASH.eq(request.bodyHash())));
    return repeat ? Claim.REPEAT : Claim.OTHER_REQUEST;
  }

  /** Forgets a key whose request came to nothing. */
  public void forget(DSLContext sql, Request request) {
    sql.deleteFrom(IDEMPOTENCY_KEYS).where(same(request)).execute();
  }

  /**
   * Keeps others out until the transaction ends.
   *
   * @return false when somebody has the key at this moment
   */
  boolean tryLock(DSLContext sql, Request request) {
    String name = request.userId() + " " + request.path() + " " + request.key().text();
    return Boolean.TRUE.equals(
        sql.select(
                field(
                    "pg_try_advisory_xact_lock(hashtextextended({0}, {1}))",
                    Boolean.class, val(name), inline(0L)))
            .fetchOne(0, Boolean.class));
  }

  void keep(DSLContext sql, Request request, Answer answer) {
    sql.update(IDEMPOTENCY_KEYS)
        .set(IDEMPOTENCY_KEYS.STATUS, answer.status())
        .set(IDEMPOTENCY_KEYS.RESPONSE, answer.body())
        .where(same(request))
        .execute();
  }

  Optional<Answer> kept(DSLContext sql, Request request) {
    return sql.selectFrom(IDEMPOTENCY_KEYS)
        .where(same(request))
        .and(IDEMPOTENCY_KEYS.STATUS.isNotNull())
        .fetchOptional(IdempotencyStore::answer);
  }

  private static Answer answer(IdempotencyKeysRecord row) {
    return new Answer(row.getStatus(), row.getResponse());
  }

  private static Condition same(Request request) {
    return IDEMPOTENCY_KEYS
        .USER_ID
        .eq(request.userId())
        .and(IDEMPOTENCY_KEYS.PATH.eq(request.path()))
        .and(IDEMPOTENCY_KEYS.KEY.eq(request.key().text()));
  }
}
