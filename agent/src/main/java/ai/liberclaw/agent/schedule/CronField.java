package ai.liberclaw.agent.schedule;

import java.util.List;
import java.util.Locale;

/**
 * One field of a cron expression.
 *
 * @param values a bit for each value that matches
 * @param star the field begins with a star: it does not restrict on its own
 */
record CronField(long values, boolean star) {
  /** What a field is about. */
  enum Kind {
    MINUTE("minute", 0, 59, ""),
    HOUR("hour", 0, 23, ""),
    DAY("day of month", 1, 31, ""),
    MONTH("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    /** From Sunday, which is 7 as well. */
    WEEKDAY("day of week", 0, 6, "sun mon tue wed thu fri sat");

    private final String words;
    private final int min;
    private final int max;
    private final String names;

    Kind(String words, int min, int max, String names) {
      this.words = words;
      this.min = min;
      this.max = max;
      this.names = names;
    }

    /** From the lowest value on; none for numbers alone. */
    private List<String> names() {
      return names.isEmpty() ? List.of() : List.of(names.split(" "));
    }

    /** The highest number that may be written. */
    private int written() {
      return this == WEEKDAY ? 7 : max;
    }
  }

  boolean has(int value) {
    return (values & (1L << value)) != 0;
  }

  static CronField of(String text, Kind kind) throws ScheduleFault {
    long values = 0;
    boolean star = false;
    for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
      star |= part.startsWith("*") || part.startsWith("?");
      values |= part(part, kind);
    }
    if (kind == Kind.WEEKDAY && (values & (1L << 7)) != 0) {
      values = (values & ~(1L << 7)) | 1;
    }
    return new CronField(values, star);
  }

  /** A star, a value or a range, with a step or without. */
  private static long part(String part, Kind kind) throws ScheduleFault {
    int slash = part.indexOf('/');
    String range = slash < 0 ? part : part.substring(0, slash);
    int step = slash < 0 ? 1 : step(part.substring(slash + 1), kind);
    int from;
    int to;
    if (range.equals("*") || range.equals("?")) {
      from = kind.min;
      to = kind.max;
    } else {
      int dash = range.indexOf('-');
      from = value(dash < 0 ? range : range.substring(0, dash), kind);
      if (dash >= 0) {
        to = value(range.substring(dash + 1), kind);
        // Names end a week with Sunday.
        to = kind == Kind.WEEKDAY && to == 0 && from > 0 ? 7 : to;
      } else {
        // "5/10" is from 5 on, as most crons have it.
        to = slash < 0 ? from : kind.max;
      }
      if (to < from) {
        throw new ScheduleFault(
            "the range '" + range + "' of the " + kind.words + " field runs backwards");
      }
    }
    long values = 0;
    for (int value = from; value <= to; value += step) {
      values |= 1L << value;
    }
    return values;
  }

  private static int step(String text, Kind kind) throws ScheduleFault {
    int step = number(text);
    if (step < 1 || step > kind.written()) {
      throw new ScheduleFault(
          "the step '" + text + "' of the " + kind.words + " field is not 1 to " + kind.written());
    }
    return step;
  }

  private static int value(String text, Kind kind) throws ScheduleFault {
    int name = kind.names().indexOf(text);
    int value = name >= 0 ? name + kind.min : number(text);
    if (value < kind.min || value > kind.written()) {
      String names = kind.names.isEmpty() ? "" : " or a name like " + kind.names().getFirst();
      throw new ScheduleFault(
          "'"
              + text
              + "' in the "
              + kind.words
              + " field is not "
              + kind.min
              + " to "
              + kind.written()
              + names);
    }
    return value;
  }

  /** -1 for what is no number. */
  private static int number(String text) {
    return text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : -1;
  }
}
