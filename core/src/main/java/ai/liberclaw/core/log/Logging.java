package ai.liberclaw.core.log;

import java.io.PrintStream;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sends our own lines from INFO and other libraries' from WARNING to standard output. */
public final class Logging {
  /** Variable that chooses the form of a line: {@code text} (default) or {@code json}. */
  public static final String FORMAT_VARIABLE = "LOG_FORMAT";

  /** Values of {@link #FORMAT_VARIABLE}. */
  public static final List<String> FORMATS = List.of("text", "json");

  private Logging() {}

  /**
   * To be called before anything has logged.
   *
   * @param json one JSON object per line instead of plain text
   */
  public static void toStandardOutput(boolean json) {
    to(System.out, json);
  }

  /** The same for commands, whose standard output is their result. */
  public static void toStandardError(boolean json) {
    to(System.err, json);
  }

  private static void to(PrintStream out, boolean json) {
    System.setProperty("java.util.logging.manager", UntilTheEnd.class.getName());
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.setLevel(Level.WARNING);
    Logger ours = Logger.getLogger("ai.liberclaw");
    ours.setLevel(Level.INFO);
    root.addHandler(new Lines(out, json, ours));
  }

  /** A line as it is written, its stack trace included. */
  public static String textLine(LogRecord entry) {
    return new TextLine().format(entry);
  }

  /** Java's own one closes its handlers as soon as a shutdown begins, of which we have to tell. */
  public static final class UntilTheEnd extends LogManager {
    @Override
    public void reset() {
      // Called by Java's shutdown hook. Ours are never reset.
    }
  }

  private static final class Lines extends Handler {
    /** Kept from the collector, which would take its level with it. */
    @SuppressWarnings("UnusedVariable")
    private final Logger ours;

    private final LineWriter writer;

    Lines(PrintStream out, boolean json, Logger ours) {
      this.ours = ours;
      Formatter form = json ? new JsonLine() : new TextLine();
      writer = new LineWriter(out, count -> form.format(dropped(count)));
      setFormatter(form);
      setLevel(Level.ALL);
      writer.start();
    }

    private static LogRecord dropped(long count) {
      LogRecord entry = new LogRecord(Level.WARNING, "log.lines_dropped count=" + count);
      entry.setLoggerName(Logging.class.getName());
      return entry;
    }

    @Override
    public void publish(LogRecord entry) {
      if (isLoggable(entry)) {
        writer.add(getFormatter().format(entry));
      }
    }

    @Override
    public void flush() {
      // The writer does so by itself.
    }

    @Override
    public void close() {
      writer.writeDirectly();
    }
  }
}
