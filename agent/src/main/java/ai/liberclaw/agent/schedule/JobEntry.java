package ai.liberclaw.agent.schedule;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Reads one entry of {@code cron.json}. */
final class JobEntry {
  private static final int TIMING_LENGTH_MAX = 200;

  private JobEntry() {}

  static Job of(Entry entry) throws ScheduleFault {
    String id = entry.id();
    // The heartbeat has its task in HEARTBEAT.md, unless told otherwise.
    String task = id.equals(Job.HEARTBEAT) ? entry.optionalTask() : entry.task();
    return new Job(id, timing(entry), task, entry.flag("enabled", true), entry.deliverTo());
  }

  private static Timing timing(Entry entry) throws ScheduleFault {
    Optional<String> schedule = entry.text("schedule", TIMING_LENGTH_MAX);
    Optional<String> at = entry.text("at", TIMING_LENGTH_MAX);
    ZoneId zone = zone(entry.text("tz", TIMING_LENGTH_MAX));
    if (schedule.isPresent() == at.isPresent()) {
      throw new ScheduleFault(
          "exactly one of 'schedule' (five cron fields) and 'at' (a time) is needed");
    }
    return schedule.isPresent()
        ? new Timing.Cron(CronExpression.of(schedule.get()), zone)
        : new Timing.At(moment(at.get().strip(), zone));
  }

  private static ZoneId zone(Optional<String> name) throws ScheduleFault {
    if (name.isEmpty()) {
      return ZoneOffset.UTC;
    }
    try {
      return ZoneId.of(name.get().strip());
    } catch (DateTimeException _) {
      throw new ScheduleFault(
          "'tz' must be the name of a time zone such as Europe/Berlin, not '" + name.get() + "'");
    }
  }

  /** A time with an offset, or one on the clocks of the time zone. */
  private static Instant moment(String text, ZoneId zone) throws ScheduleFault {
    String iso = text.replace(' ', 'T');
    try {
      return OffsetDateTime.parse(iso).toInstant();
    } catch (DateTimeParseException _) {
      try {
        return LocalDateTime.parse(iso).atZone(zone).toInstant();
      } catch (DateTimeParseException _) {
        throw new ScheduleFault(
            "'at' must be a time such as 2027-03-01T09:00:00Z or, with 'tz', 2027-03-01T09:00, not"
                + " '"
                + text
                + "'");
      }
    }
  }
}
