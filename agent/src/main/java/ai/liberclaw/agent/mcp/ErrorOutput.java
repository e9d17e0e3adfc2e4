package ai.liberclaw.agent.mcp;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * Reads what a server writes to its standard error, to the end, so that it never waits for a
 * reader. A few lines a minute go to the log, masked and cut.
 */
final class ErrorOutput {
  private static final int LINE_LENGTH_MAX = 500;
  private static final int LINES_PER_PERIOD_MAX = 60;
  private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int CHUNK_BYTES = 8192;
  private static final Logger LOG = System.getLogger(ErrorOutput.class.getName());

  private final String server;
  private final InputStream in;
  private final UnaryOperator<String> mask;
  private final byte[] line = new byte[4 * LINE_LENGTH_MAX];
  private int lineLength;
  private long periodStart = System.nanoTime();
  private int lines;
  private volatile byte[] last = new byte[0];

  ErrorOutput(String server, InputStream in, UnaryOperator<String> mask) {
    this.server = server;
    this.in = in;
    this.mask = mask;
  }

  /** The last line that was not empty, masked and cut; empty when there was none. */
  String last() {
    return shown(last);
  }

  private String shown(byte[] utf8) {
    return Line.of(mask.apply(new String(utf8, StandardCharsets.UTF_8)), LINE_LENGTH_MAX);
  }

  /** Reads until there is no more. */
  void drain() {
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      int count;
      while ((count = in.read(chunk)) >= 0) {
        for (int i = 0; i < count; i++) {
          take(chunk[i]);
        }
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "mcp.stderr_lost server={0} reason={1}", server, e.getMessage());
    }
    endLine();
  }

  private void take(byte b) {
    if (b == '\n') {
      endLine();
    } else if (lineLength < line.length) {
      line[lineLength++] = b;
    }
  }

  private void endLine() {
    boolean blank = true;
    for (int i = 0; i < lineLength; i++) {
      blank = blank && line[i] >= 0 && line[i] <= ' ';
    }
    if (blank) {
      lineLength = 0;
      return;
    }
    long now = System.nanoTime();
    if (now - periodStart > PERIOD_NANOS) {
      periodStart = now;
      lines = 0;
    }
    // Also one that is not logged may say why the server ends.
    last = Arrays.copyOf(line, lineLength);
    lineLength = 0;
    if (lines++ < LINES_PER_PERIOD_MAX) {
      LOG.log(Level.INFO, "mcp.stderr server={0} line={1}", server, last());
    }
  }
}
