package ai.liberclaw.deploy.limit;

import static ai.liberclaw.db.platform.Tables.RATE_LIMIT_BUCKETS;

import java.time.Instant;
import org.jooq.DSLContext;

/** Counters per kind, subject and period. Works in the context it is given. */
public final class RateLimitStore {
  private static final int SUBJECT_LENGTH_MAX = 400;

  private RateLimitStore() {}

  /** One atomic statement; false when the limit, which is above 0, was reached. */
  public static boolean take(
      DSLContext sql, String name, String subject, Instant start, Instant end, long limit) {
    return sql.insertInto(RATE_LIMIT_BUCKETS)
            .set(RATE_LIMIT_BUCKETS.NAME, name)
            .set(RATE_LIMIT_BUCKETS.SUBJECT, cut(subject))
            .set(RATE_LIMIT_BUCKETS.PERIOD_START, start)
            .set(RATE_LIMIT_BUCKETS.USED, 1)
            .set(RATE_LIMIT_BUCKETS.EXPIRES_AT, end)
            .onConflict(
                RATE_LIMIT_BUCKETS.NAME,
                RATE_LIMIT_BUCKETS.SUBJECT,
                RATE_LIMIT_BUCKETS.PERIOD_START)
            .doUpdate()
            .set(RATE_LIMIT_BUCKETS.USED, RATE_LIMIT_BUCKETS.USED.plus(1))
            .where(RATE_LIMIT_BUCKETS.USED.lt((int) Math.min(limit, Integer.MAX_VALUE)))
            .execute()
        == 1;
  }

  /** Takes one use of a period back. */
  public static void giveBack(DSLContext sql, String name, String subject, Instant start) {
    sql.update(RATE_LIMIT_BUCKETS)
        .set(RATE_LIMIT_BUCKETS.USED, RATE_LIMIT_BUCKETS.USED.minus(1))
        .where(RATE_LIMIT_BUCKETS.NAME.eq(name))
        .and(RATE_LIMIT_BUCKETS.SUBJECT.eq(cut(subject)))
        .and(RATE_LIMIT_BUCKETS.PERIOD_START.eq(start))
        .and(RATE_LIMIT_BUCKETS.USED.gt(0))
        .execute();
  }

  private static String cut(String subject) {
    return subject.length() > SUBJECT_LENGTH_MAX
        ? subject.substring(0, SUBJECT_LENGTH_MAX)
        : subject;
  }
}
