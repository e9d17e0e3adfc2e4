package ai.liberclaw.agent;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/** The log of the process: standard output, one line per fact. */
public final class Logging {
  private Logging() {}

  /** To be called before anything has logged. */
  static void toStandardOutput() {
    System.setProperty("java.util.logging.manager", UntilTheEnd.class.getName());
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.setLevel(Level.WARNING);
    Logger.getLogger("ai.liberclaw").setLevel(Level.INFO);
    root.addHandler(new Lines());
  }

  /** Java's own one closes its handlers as soon as a shutdown begins, of which we have to tell. */
  public static final class UntilTheEnd extends LogManager {
    @Override
    public void reset() {
      // Called by Java's shutdown hook. Ours are never reset.
    }
  }

  private static final class Lines extends StreamHandler {
    Lines() {
      super(System.out, new Line());
      setLevel(Level.ALL);
    }

    @Override
    public synchronized void publish(LogRecord entry) {
      super.publish(entry);
      flush();
    }
  }

  private static final class Line extends Formatter {
    @Override
    public String format(LogRecord entry) {
      StringBuilder line = new StringBuilder();
      line.append(Instant.ofEpochMilli(entry.getMillis()).truncatedTo(ChronoUnit.MILLIS))
          .append(' ')
          .append(entry.getLevel().getName())
          .append(' ')
          .append(formatMessage(entry).replace("\n", "\\n").replace("\r", "\\r"))
          .append(System.lineSeparator());
      if (entry.getThrown() != null) {
        StringWriter trace = new StringWriter();
        entry.getThrown().printStackTrace(new PrintWriter(trace, true));
        line.append(trace);
      }
      return line.toString();
    }
  }
}
