package ai.liberclaw.deploy.budget;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** How long a budget lasts, by UTC. Stored in lower case. */
public enum Period {
  DAY,
  MONTH;

  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Period of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }

  /** The first day of the period that this moment is in. */
  public LocalDate start(Instant at) {
    LocalDate day = LocalDate.ofInstant(at, ZoneOffset.UTC);
    return switch (this) {
      case DAY -> day;
      case MONTH -> day.withDayOfMonth(1);
    };
  }

  /** When the period after the one of this moment begins. */
  public Instant end(Instant at) {
    LocalDate start = start(at);
    LocalDate next =
        switch (this) {
          case DAY -> start.plusDays(1);
          case MONTH -> start.plusMonths(1);
        };
    return next.atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
