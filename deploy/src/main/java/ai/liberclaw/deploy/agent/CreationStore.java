package ai.liberclaw.deploy.agent;

import static ai.liberclaw.db.platform.Tables.RATE_LIMIT_BUCKETS;

import java.time.Instant;
import org.jooq.DSLContext;

/** Counts creations per subject and period, in the table of all rate limits. */
final class CreationStore {
  private CreationStore() {}

  /** One atomic statement; false when the limit, which is above 0, was reached. */
  static boolean take(
      DSLContext sql, String name, String subject, Instant start, Instant end, int limit) {
    return sql.insertInto(RATE_LIMIT_BUCKETS)
            .set(RATE_LIMIT_BUCKETS.NAME, name)
            .set(RATE_LIMIT_BUCKETS.SUBJECT, subject)
            .set(RATE_LIMIT_BUCKETS.PERIOD_START, start)
            .set(RATE_LIMIT_BUCKETS.USED, 1)
            .set(RATE_LIMIT_BUCKETS.EXPIRES_AT, end)
            .onConflict(
                RATE_LIMIT_BUCKETS.NAME,
                RATE_LIMIT_BUCKETS.SUBJECT,
                RATE_LIMIT_BUCKETS.PERIOD_START)
            .doUpdate()
            .set(RATE_LIMIT_BUCKETS.USED, RATE_LIMIT_BUCKETS.USED.plus(1))
            .where(RATE_LIMIT_BUCKETS.USED.lt(limit))
            .execute()
        == 1;
  }
}
