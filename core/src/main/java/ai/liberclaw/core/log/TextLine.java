package ai.liberclaw.core.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** {@code time LEVEL subject.happened key=value}; a stack trace follows on lines of its own. */
final class TextLine extends Formatter {
  @Override
  public String format(LogRecord entry) {
    StringBuilder line = new StringBuilder();
    line.append(Instant.ofEpochMilli(entry.getMillis()).truncatedTo(ChronoUnit.MILLIS))
        .append(' ')
        .append(entry.getLevel().getName())
        .append(' ')
        // A message may quote what somebody sent; it must not begin a line of its own.
        .append(EmailMask.of(formatMessage(entry)).replace("\n", "\\n").replace("\r", "\\r"))
        .append('\n')
        .append(trace(entry));
    return line.toString();
  }

  static String trace(LogRecord entry) {
    if (entry.getThrown() == null) {
      return "";
    }
    StringWriter trace = new StringWriter();
    entry.getThrown().printStackTrace(new PrintWriter(trace, true));
    return EmailMask.of(trace.toString());
  }
}
