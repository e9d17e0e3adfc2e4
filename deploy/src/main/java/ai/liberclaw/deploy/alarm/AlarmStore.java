package ai.liberclaw.deploy.alarm;

import static ai.liberclaw.db.platform.Tables.ALARMS;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.when;

import java.util.List;
import org.jooq.DSLContext;

/** Rows of alarms, one by name. Works in the context it is given. */
final class AlarmStore {
  private AlarmStore() {}

  /** Raises or renews it; true when it did not hold before, or held at another level. */
  static boolean raise(DSLContext sql, String name, Alarm.Level level, String message) {
    boolean held =
        sql.fetchExists(
            sql.selectOne()
                .from(ALARMS)
                .where(ALARMS.NAME.eq(name))
                .and(ALARMS.LEVEL.eq(level.key()))
                .and(ALARMS.CLEARED_AT.isNull()));
    sql.insertInto(ALARMS)
        .set(ALARMS.NAME, name)
        .set(ALARMS.LEVEL, level.key())
        .set(ALARMS.MESSAGE, message)
        .onConflict(ALARMS.NAME)
        .doUpdate()
        .set(ALARMS.LEVEL, excluded(ALARMS.LEVEL))
        .set(ALARMS.MESSAGE, excluded(ALARMS.MESSAGE))
        .set(
            ALARMS.RAISED_AT,
            when(ALARMS.CLEARED_AT.isNull(), ALARMS.RAISED_AT).otherwise(currentInstant()))
        .set(ALARMS.UPDATED_AT, currentInstant())
        .setNull(ALARMS.CLEARED_AT)
        .execute();
    return !held;
  }

  /** True when it held. */
  static boolean clear(DSLContext sql, String name) {
    return sql.update(ALARMS)
            .set(ALARMS.CLEARED_AT, currentInstant())
            .set(ALARMS.UPDATED_AT, currentInstant())
            .where(ALARMS.NAME.eq(name))
            .and(ALARMS.CLEARED_AT.isNull())
            .execute()
        == 1;
  }

  static List<Alarm> open(DSLContext sql) {
    return sql.selectFrom(ALARMS)
        .where(ALARMS.CLEARED_AT.isNull())
        .orderBy(ALARMS.RAISED_AT, ALARMS.NAME)
        .fetch(row ->
            new Alarm(
                row.getName(),
                Alarm.Level.of(row.getLevel()),
                row.getMessage(),
                row.getRaisedAt()));
  }
}
