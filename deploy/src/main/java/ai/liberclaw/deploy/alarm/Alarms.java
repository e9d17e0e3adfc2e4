package ai.liberclaw.deploy.alarm;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jooq.DSLContext;

/**
 * Alarms of all servers: raised again they are renewed, and told in the log only when they begin,
 * change their level, or end. Any server may raise and clear one.
 */
public final class Alarms {
  private static final Logger LOG = System.getLogger(Alarms.class.getName());
  private static final int NAME_LENGTH_MAX = 100;

  private final DSLContext sql;

  public Alarms(DSLContext sql) {
    this.sql = sql;
  }

  /**
   * It holds from now on, until it is cleared.
   *
   * @param name at most 100 characters
   * @param message for the operator, without secrets
   */
  public void raise(String name, Alarm.Level level, String message) {
    if (name.isEmpty() || name.length() > NAME_LENGTH_MAX) {
      throw new IllegalArgumentException("no such alarm: " + name);
    }
    if (AlarmStore.raise(sql, name, level, message)) {
      Level told =
          switch (level) {
            case WARNING -> Level.WARNING;
            case CRITICAL -> Level.ERROR;
          };
      LOG.log(told, "alarm.raised name=" + name + " level=" + level.key() + " " + message);
    }
  }

  /** It is over; nothing when it did not hold. */
  public void clear(String name) {
    if (AlarmStore.clear(sql, name)) {
      LOG.log(Level.INFO, "alarm.cleared name=" + name);
    }
  }

  /** Those that hold, oldest first. */
  public List<Alarm> open() {
    return AlarmStore.open(sql);
  }
}
