package ai.liberclaw.api.retention;

import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENTS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENT_LOGS;
import static ai.liberclaw.db.platform.Tables.IDEMPOTENCY_KEYS;
import static ai.liberclaw.db.platform.Tables.MAGIC_LINKS;
import static ai.liberclaw.db.platform.Tables.MAIL_OUTBOX;
import static ai.liberclaw.db.platform.Tables.PENDING_OUTBOX;
import static ai.liberclaw.db.platform.Tables.RATE_LIMIT_BUCKETS;
import static ai.liberclaw.db.platform.Tables.SESSIONS;
import static ai.liberclaw.db.platform.Tables.WALLET_CHALLENGES;

import java.time.Duration;
import java.time.Instant;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** How long rows are kept once they are of no more use. */
final class RetentionStore {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration LOGS_KEPT = Duration.ofDays(30);

  // Any constant: of the servers that come at the same time one deletes.
  private static final long LOCK = 0x70727567L;

  /**
   * Deletes in the transaction it is given.
   *
   * @return rows deleted; 0 also when another server is at it
   */
  int prune(DSLContext sql, Instant now) {
    boolean mine =
        Boolean.TRUE.equals(sql.fetchValue("select pg_try_advisory_xact_lock(" + LOCK + ")"));
    if (!mine) {
      return 0;
    }
    return delete(sql, RATE_LIMIT_BUCKETS, RATE_LIMIT_BUCKETS.EXPIRES_AT.lt(now))
        // A revoked session is what tells a stolen token, for as long as that token lives.
        + delete(sql, SESSIONS, SESSIONS.EXPIRES_AT.lt(now.minus(WEEK)))
        + delete(sql, WALLET_CHALLENGES, WALLET_CHALLENGES.EXPIRES_AT.lt(now.minus(DAY)))
        + delete(sql, MAGIC_LINKS, MAGIC_LINKS.EXPIRES_AT.lt(now.minus(DAY)))
        + delete(sql, IDEMPOTENCY_KEYS, IDEMPOTENCY_KEYS.CREATED_AT.lt(now.minus(DAY)))
        + delete(sql, MAIL_OUTBOX, MAIL_OUTBOX.ENDED_AT.lt(now.minus(WEEK)))
        // A while, because an agent that did not hear our receipt offers the same row again.
        + delete(sql, PENDING_OUTBOX, PENDING_OUTBOX.DELIVERED_AT.lt(now.minus(WEEK)))
        + delete(sql, CHAT_TURN_LEASES, CHAT_TURN_LEASES.LEASE_UNTIL.lt(now.minus(DAY)))
        + delete(
            sql,
            DEPLOYMENT_LOGS,
            DEPLOYMENT_LOGS
                .AT
                .lt(now.minus(LOGS_KEPT))
                .and(
                    DEPLOYMENT_LOGS.DEPLOYMENT_ID.in(
                        DSL.select(DEPLOYMENTS.ID)
                            .from(DEPLOYMENTS)
                            .where(DEPLOYMENTS.ENDED_AT.lt(now.minus(LOGS_KEPT))))));
  }

  private static int delete(DSLContext sql, Table<?> table, Condition which) {
    return sql.deleteFrom(table).where(which).execute();
  }
}
