package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.schedule.CronField.Kind;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Minutes written as in crontab(5): five fields with stars, lists, ranges, steps and names, or one
 * of the macros. When both day fields restrict, a day that matches one of them matches.
 *
 * <p>Where clocks change, it is as in cronie: an expression with fixed hours runs once a day that
 * has its time, twice or not at all. A time that is skipped is due when the clocks have jumped, one
 * that comes twice is due the first time. An expression for every hour or every nth hour follows
 * the clock on the wall.
 */
final class CronExpression {
  /** From one 29 February to the next it is eight years at the most. */
  private static final int HORIZON_YEARS = 9;

  private static final Map<String, String> MACROS =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  private final String text;
  private final CronField minutes;
  private final CronField hours;
  private final CronField days;
  private final CronField months;
  private final CronField weekdays;

  private CronExpression(String text, String[] fields) throws ScheduleFault {
    this.text = text;
    minutes = CronField.of(fields[0], Kind.MINUTE);
    hours = CronField.of(fields[1], Kind.HOUR);
    days = CronField.of(fields[2], Kind.DAY);
    months = CronField.of(fields[3], Kind.MONTH);
    weekdays = CronField.of(fields[4], Kind.WEEKDAY);
  }

  static CronExpression of(String text) throws ScheduleFault {
    String given = text.strip().replaceAll("\\s+", " ");
    String expanded = given;
    if (given.startsWith("@")) {
      expanded = MACROS.getOrDefault(given.toLowerCase(Locale.ROOT), "");
      if (expanded.isEmpty()) {
        throw new ScheduleFault(
            "'"
                + given
                + "' is not one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly,"
                + " @annually");
      }
    }
    String[] fields = expanded.split(" ");
    if (fields.length != 5 || expanded.isEmpty()) {
      throw new ScheduleFault(
          "'"
              + given
              + "' does not have five fields: minute, hour, day of month, month, day of week");
    }
    CronExpression expression = new CronExpression(given, fields);
    if (!expression.comes()) {
      throw new ScheduleFault("'" + given + "' names a date that never comes");
    }
    return expression;
  }

  /** The first minute after a moment; empty when there is none in the next years. */
  Optional<Instant> next(Instant after, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    Instant end = after.atZone(ZoneOffset.UTC).plusYears(HORIZON_YEARS).toInstant();
    // From one change of the clocks to the next: in between, a local time is one moment.
    Instant from = after.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
    while (from.isBefore(end)) {
      LocalDateTime start = LocalDateTime.ofInstant(from, rules.getOffset(from));
      ZoneOffsetTransition last = rules.previousTransition(from.plusNanos(1));
      if (last != null && !hours.star()) {
        if (last.isGap() && last.getInstant().equals(from) && isSkipped(last)) {
          return Optional.of(from);
        }
        if (last.isOverlap() && start.isBefore(last.getDateTimeBefore())) {
          start = last.getDateTimeBefore();
        }
      }
      ZoneOffset offset = rules.getOffset(from);
      Optional<Instant> due = match(start).map(local -> local.toInstant(offset));
      ZoneOffsetTransition change = rules.nextTransition(from);
      if (change == null || (due.isPresent() && due.get().isBefore(change.getInstant()))) {
        return due;
      }
      from = change.getInstant();
    }
    return Optional.empty();
  }

  private boolean isSkipped(ZoneOffsetTransition gap) {
    return match(gap.getDateTimeBefore())
        .filter(local -> local.isBefore(gap.getDateTimeAfter()))
        .isPresent();
  }

  /** The first local time from this one on that all fields let through. */
  private Optional<LocalDateTime> match(LocalDateTime start) {
    LocalDateTime end = start.plusYears(HORIZON_YEARS);
    LocalDateTime at = start.truncatedTo(ChronoUnit.MINUTES);
    if (at.isBefore(start)) {
      at = at.plusMinutes(1);
    }
    while (at.isBefore(end)) {
      if (!months.has(at.getMonthValue())) {
        at = at.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay();
      } else if (!isDay(at.toLocalDate())) {
        at = at.toLocalDate().plusDays(1).atStartOfDay();
      } else if (!hours.has(at.getHour())) {
        at = at.truncatedTo(ChronoUnit.HOURS).plusHours(1);
      } else if (!minutes.has(at.getMinute())) {
        at = at.plusMinutes(1);
      } else {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  private boolean isDay(LocalDate date) {
    boolean day = days.has(date.getDayOfMonth());
    boolean weekday = weekdays.has(date.getDayOfWeek().getValue() % 7);
    boolean either = !days.star() && !weekdays.star();
    return either ? (day || weekday) : (day && weekday);
  }

  /** False for the 30th of February and the like. */
  private boolean comes() {
    if (!days.star() && !weekdays.star()) {
      return true;
    }
    for (Month month : Month.values()) {
      for (int day = 1; day <= month.maxLength(); day++) {
        if (months.has(month.getValue()) && days.has(day)) {
          return true;
        }
      }
    }
    return false;
  }

  /** As it was written, with single blanks. */
  @Override
  public String toString() {
    return text;
  }
}
