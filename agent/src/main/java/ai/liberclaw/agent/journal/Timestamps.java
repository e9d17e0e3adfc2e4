package ai.liberclaw.agent.journal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** The text form of times in the tables of the original: ISO-8601 UTC with microseconds. */
public final class Timestamps {
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Timestamps() {}

  public static String now() {
    return of(Instant.now());
  }

  public static String of(Instant time) {
    return FORM.format(time);
  }

  /**
   * Unix milliseconds of a stored time, with an offset or, as SQLite's own default writes it,
   * without; 0 for what is no time.
   */
  public static long millis(String text) {
    String iso = text.strip().replace(' ', 'T');
    try {
      return OffsetDateTime.parse(iso).toInstant().toEpochMilli();
    } catch (DateTimeParseException _) {
      try {
        return LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC).toEpochMilli();
      } catch (DateTimeParseException _) {
        return 0;
      }
    }
  }
}
