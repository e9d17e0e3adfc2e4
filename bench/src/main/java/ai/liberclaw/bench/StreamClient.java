package ai.liberclaw.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads many streams of {@link FakeAgent}'s events with as little work as it can: it counts what
 * comes and how late, and keeps nothing.
 */
final class StreamClient {
  private static final long BUCKET_NANOS = 10_000;
  private static final int BUCKETS = 500_000;
  private static final byte[] DONE = "\"done\"".getBytes(StandardCharsets.US_ASCII);

  private final LongAdder events = new LongAdder();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicIntegerArray lags = new AtomicIntegerArray(BUCKETS);

  /** What a reader of one stream does; to its end. */
  void read(int port, byte[] request) {
    boolean done = false;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(request);
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[16 * 1024];
      open.incrementAndGet();
      try {
        Scan scan = new Scan();
        int n = in.read(buffer);
        if (n > 12 && buffer[9] == '2') {
          while (n > 0) {
            scan.take(buffer, n);
            // After the last event nothing need come: the connection stays open.
            n = scan.done ? 0 : in.read(buffer);
          }
          done = scan.done;
        }
      } finally {
        open.decrementAndGet();
      }
    } catch (IOException _) {
      // Counted below.
    }
    if (!done) {
      failures.incrementAndGet();
    }
  }

  long events() {
    return events.sum();
  }

  int open() {
    return open.get();
  }

  int failures() {
    return failures.get();
  }

  void forgetLags() {
    for (int i = 0; i < BUCKETS; i++) {
      lags.set(i, 0);
    }
  }

  /** Milliseconds between an event being made and being here. */
  double lagMs(double share) {
    long all = 0;
    for (int i = 0; i < BUCKETS; i++) {
      all += lags.get(i);
    }
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += lags.get(i);
      if (seen >= share * all) {
        return (i + 1) * BUCKET_NANOS / 1e6;
      }
    }
    throw new IllegalStateException("nothing was measured");
  }

  /**
   * Finds the borders of events and the times between two at signs, in whatever pieces they come.
   */
  private final class Scan {
    private boolean done;
    private boolean newline;
    private boolean number;
    private long time;
    private int matched;

    void take(byte[] bytes, int length) {
      int borders = 0;
      long now = System.nanoTime();
      for (int i = 0; i < length; i++) {
        byte b = bytes[i];
        if (b == '\n') {
          if (newline) {
            borders++;
          }
          newline = !newline;
        } else {
          newline = false;
        }
        if (number) {
          number = b != '@';
          if (number) {
            time = time * 10 + (b - '0');
          } else if (time > 0) {
            lags.incrementAndGet(Math.clamp((now - time) / BUCKET_NANOS, 0, BUCKETS - 1));
          }
        } else if (b == '@') {
          number = true;
          time = 0;
        }
        matched = b == DONE[matched] ? matched + 1 : b == DONE[0] ? 1 : 0;
        if (matched == DONE.length) {
          done = true;
          break;
        }
      }
      events.add(borders);
    }
  }
}
