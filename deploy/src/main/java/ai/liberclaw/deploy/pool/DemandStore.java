package ai.liberclaw.deploy.pool;

import static ai.liberclaw.db.platform.Tables.POOL_DEMAND;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jooq.DSLContext;

/** How many machines were asked for, by hour. Works in the context it is given. */
public final class DemandStore {
  private DemandStore() {}

  /**
   * Counts one agent that came.
   *
   * @param served whether a machine waited for it
   */
  public static void note(DSLContext sql, String provider, boolean served, Instant now) {
    int claims = served ? 1 : 0;
    sql.insertInto(POOL_DEMAND)
        .set(POOL_DEMAND.PROVIDER, provider)
        .set(POOL_DEMAND.HOUR, now.truncatedTo(ChronoUnit.HOURS))
        .set(POOL_DEMAND.CLAIMS, claims)
        .set(POOL_DEMAND.MISSES, 1 - claims)
        .onConflict(POOL_DEMAND.PROVIDER, POOL_DEMAND.HOUR)
        .doUpdate()
        .set(POOL_DEMAND.CLAIMS, POOL_DEMAND.CLAIMS.plus(claims))
        .set(POOL_DEMAND.MISSES, POOL_DEMAND.MISSES.plus(1 - claims))
        .execute();
  }

  /** Agents that came, by the hour's beginning. */
  static Map<Instant, Integer> since(DSLContext sql, String provider, Instant start) {
    return sql.select(POOL_DEMAND.HOUR, POOL_DEMAND.CLAIMS.plus(POOL_DEMAND.MISSES))
        .from(POOL_DEMAND)
        .where(POOL_DEMAND.PROVIDER.eq(provider))
        .and(POOL_DEMAND.HOUR.ge(start))
        .fetchMap(row -> row.value1(), row -> row.value2());
  }

  static void forgetBefore(DSLContext sql, Instant start) {
    sql.deleteFrom(POOL_DEMAND).where(POOL_DEMAND.HOUR.lt(start)).execute();
  }
}
