package ai.liberclaw.api.doctor;

import static ai.liberclaw.db.platform.Tables.ALARMS;

import java.util.List;
import org.jooq.DSLContext;

/** Alarms that hold. */
final class AlarmStore {
  private AlarmStore() {}

  /** One for the operator. */
  record Alarm(boolean critical, String message) {}

  /** Oldest first. */
  static List<Alarm> open(DSLContext sql) {
    return sql.select(ALARMS.LEVEL, ALARMS.NAME, ALARMS.MESSAGE)
        .from(ALARMS)
        .where(ALARMS.CLEARED_AT.isNull())
        .orderBy(ALARMS.RAISED_AT)
        .fetch(
            row -> new Alarm(row.value1().equals("critical"), row.value2() + ": " + row.value3()));
  }
}
