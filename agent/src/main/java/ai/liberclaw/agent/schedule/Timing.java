package ai.liberclaw.agent.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** When a task comes due. */
sealed interface Timing {
  /** The first moment after this one; empty when there is none any more. */
  Optional<Instant> next(Instant after);

  /** Two timings with the same text mean the same moments. */
  String text();

  /** Whenever an expression matches the clock of a time zone. */
  record Cron(CronExpression expression, ZoneId zone) implements Timing {
    @Override
    public Optional<Instant> next(Instant after) {
      return expression.next(after, zone);
    }

    @Override
    public String text() {
      return expression + " " + zone.getId();
    }
  }

  /** Once. */
  record At(Instant moment) implements Timing {
    @Override
    public Optional<Instant> next(Instant after) {
      return Optional.of(moment).filter(after::isBefore);
    }

    @Override
    public String text() {
      return "at " + moment;
    }
  }

  /** Again and again, counted from the last time. */
  record Every(Duration interval) implements Timing {
    @Override
    public Optional<Instant> next(Instant after) {
      return Optional.of(after.plus(interval));
    }

    @Override
    public String text() {
      return "every " + interval;
    }
  }
}
