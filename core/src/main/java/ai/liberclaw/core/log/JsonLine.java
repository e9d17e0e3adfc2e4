package ai.liberclaw.core.log;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** {@code {"time","level","logger","message","trace"?}}. */
final class JsonLine extends Formatter {
  @Override
  public String format(LogRecord entry) {
    ObjectNode line =
        Json.object()
            .put("time", Instant.ofEpochMilli(entry.getMillis()).toString())
            .put("level", entry.getLevel().getName())
            .put("logger", entry.getLoggerName())
            .put("message", EmailMask.of(formatMessage(entry)));
    String trace = TextLine.trace(entry);
    if (!trace.isEmpty()) {
      line.put("trace", trace);
    }
    return Json.write(line) + "\n";
  }
}
