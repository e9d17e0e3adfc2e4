package ai.liberclaw.api.operations;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.ALARMS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static ai.liberclaw.db.platform.Tables.MAIL_OUTBOX;
import static ai.liberclaw.db.platform.Tables.ORPHANS;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.min;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;

/** Counts rows by state. */
final class PlatformCountsStore {
  private static final Duration DAY = Duration.ofDays(1);

  PlatformCounts read(DSLContext sql, Instant now) {
    Instant dayAgo = now.minus(DAY);
    Map<String, Long> jobs = new HashMap<>();
    Map<String, Double> ages = new HashMap<>();
    sql.select(DEPLOYMENTS.STATUS, count(), min(DEPLOYMENTS.CREATED_AT))
        .from(DEPLOYMENTS)
        .where(DEPLOYMENTS.STATUS.in("queued", "running"))
        .groupBy(DEPLOYMENTS.STATUS)
        .forEach(row -> {
          jobs.put(row.value1(), row.value2().longValue());
          ages.put(row.value1(), Duration.between(row.value3(), now).toMillis() / 1000.0);
        });
    return new PlatformCounts(
        byState(sql, AGENTS, AGENTS.DEPLOYMENT_STATUS, AGENTS.ID.isNotNull()),
        jobs,
        ages,
        byState(sql, DEPLOYMENTS, DEPLOYMENTS.STATUS, DEPLOYMENTS.ENDED_AT.gt(dayAgo)),
        byState(
            sql,
            MAIL_OUTBOX,
            MAIL_OUTBOX.STATUS,
            MAIL_OUTBOX.STATUS.eq("queued").or(MAIL_OUTBOX.ENDED_AT.gt(dayAgo))),
        byState(sql, INSTANCES, INSTANCES.STATE, INSTANCES.AGENT_ID.isNull()),
        byState(sql, ORPHANS, ORPHANS.STATE, ORPHANS.DESTROYED_AT.isNull()),
        byState(sql, ALARMS, ALARMS.LEVEL, ALARMS.CLEARED_AT.isNull()));
  }

  private static Map<String, Long> byState(
      DSLContext sql, Table<?> table, Field<String> state, Condition which) {
    Map<String, Long> counts = new HashMap<>();
    sql.select(state, count())
        .from(table)
        .where(which)
        .groupBy(state)
        .forEach(row -> counts.put(row.value1(), row.value2().longValue()));
    return counts;
  }
}
