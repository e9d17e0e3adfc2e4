package ai.liberclaw.core.sse;

import ai.liberclaw.core.retry.Backoff;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes events, each whole and flushed at once, and a keepalive whenever nothing was written for a
 * while. Several threads may write.
 *
 * <p>A reader that is gone shows only on a write, and one that stalls blocks it. So a watcher runs
 * beside the stream: when its keepalive fails, or one write takes longer than the stall limit, it
 * interrupts the thread that opened the writer, which frees that thread from whatever it waits for.
 */
public final class SseWriter implements AutoCloseable {
  /** How long one write may take before the reader counts as gone. */
  public static final Duration STALL_MAX = Duration.ofSeconds(60);

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ID = "id: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  /** Readers that were cut off together don't come back together. */
  private static final Backoff COME_BACK =
      new Backoff(Duration.ofSeconds(3), Duration.ofSeconds(3), 0.6);

  /** What fills a silence. */
  public enum Silence {
    /** An event of the chat's grammar, which clients count as a sign of life. */
    EVENT("data: {\"type\":\"keepalive\"}\n\n"),
    /** A comment, for streams whose every event is an object of their own. */
    PING(": ping\n\n");

    private final String text;

    Silence(String text) {
      this.text = text;
    }
  }

  private final OutputStream out;
  private final byte[] filler;
  private final long keepaliveNanos;
  private final long stallNanos;
  private final Thread owner;
  private final ReentrantLock lock = new ReentrantLock();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicBoolean gone = new AtomicBoolean();
  private volatile long writeStarted;
  private volatile boolean writing;
  private volatile @Nullable Thread writer;
  private volatile boolean beating;
  private long lastWrite = System.nanoTime();
  private volatile boolean closed;

  /** The thread that calls this is the one interrupted when the reader is gone. */
  public SseWriter(OutputStream out, Duration keepalive) {
    this(out, keepalive, STALL_MAX);
  }

  public SseWriter(OutputStream out, Duration keepalive, Duration stallMax) {
    this(out, Silence.EVENT, keepalive, stallMax);
  }

  public SseWriter(OutputStream out, Silence silence, Duration keepalive, Duration stallMax) {
    this(out, silence, keepalive, stallMax, Thread.currentThread());
  }

  /**
   * @param owner the thread that is interrupted when the reader is gone
   */
  public SseWriter(
      OutputStream out, Silence silence, Duration keepalive, Duration stallMax, Thread owner) {
    this.out = out;
    this.owner = owner;
    this.filler = silence.text.getBytes(StandardCharsets.US_ASCII);
    this.keepaliveNanos = keepalive.toNanos();
    this.stallNanos = stallMax.toNanos();
    Thread.ofVirtual().name("sse-watcher").start(this::watch);
  }

  /** One event without an id. The JSON must be one line. */
  public void event(String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    event(bytes, 0, bytes.length);
  }

  /** One event without an id, from bytes of one line. */
  public void event(byte[] json, int offset, int length) throws IOException {
    lock();
    try {
      begin();
      out.write(DATA);
      out.write(json, offset, length);
      out.write(END);
      out.flush();
    } finally {
      end();
    }
  }

  /** Whole events that somebody else wrote, exactly as they are. */
  public void events(byte[] bytes, int offset, int length) throws IOException {
    lock();
    try {
      begin();
      out.write(bytes, offset, length);
      out.flush();
    } finally {
      end();
    }
  }

  /** One event that a client can resume after. */
  public void event(String id, byte[] json, int offset, int length) throws IOException {
    lock();
    try {
      begin();
      out.write(ID);
      out.write(id.getBytes(StandardCharsets.US_ASCII));
      out.write('\n');
      out.write(DATA);
      out.write(json, offset, length);
      out.write(END);
      out.flush();
    } finally {
      end();
    }
  }

  /** One event that a client can resume after. */
  public void event(long id, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    event(Long.toString(id), bytes, 0, bytes.length);
  }

  /** A keepalive now, for example so that the headers leave. */
  public void keepalive() throws IOException {
    lock();
    try {
      begin();
      out.write(filler);
      out.flush();
    } finally {
      end();
    }
  }

  /** Tells the reader that the server restarts, and after what time to come back. */
  public void restarting() throws IOException {
    String text = ": restarting\nretry: " + COME_BACK.delay(1).toMillis() + "\n\n";
    lock();
    try {
      begin();
      out.write(text.getBytes(StandardCharsets.US_ASCII));
      out.flush();
    } finally {
      end();
    }
  }

  /** True once a write failed or stalled: nobody reads any more. */
  public boolean isGone() {
    return gone.get();
  }

  /** Stops the watcher; the stream below stays open. After this nothing is written. */
  @Override
  public void close() {
    // A stalled write holds the lock until the watcher has cut it, so this wait is bounded too.
    lock.lock();
    try {
      closed = true;
      closing.countDown();
    } finally {
      lock.unlock();
    }
  }

  private void lock() throws IOException {
    lock.lock();
    if (closed || gone.get()) {
      lock.unlock();
      throw new IOException("the reader is gone");
    }
  }

  private void begin() {
    writeStarted = System.nanoTime();
    writer = Thread.currentThread();
    writing = true;
  }

  /** Runs in the finally of each write; a write that threw is seen by the missing flush. */
  private void end() {
    writing = false;
    lastWrite = System.nanoTime();
    lock.unlock();
  }

  private void watch() {
    long stallCheck = Math.max(1, Math.min(stallNanos / 4, keepaliveNanos));
    try {
      while (!closed && !gone.get()) {
        if (!lock.tryLock()) {
          if (writing && System.nanoTime() - writeStarted > stallNanos) {
            cut();
            return;
          }
          pause(Math.min(stallCheck, 1_000_000_000L));
          continue;
        }
        long left;
        try {
          left = keepaliveNanos - (System.nanoTime() - lastWrite);
        } finally {
          lock.unlock();
        }
        if (left > 0 || beating) {
          // Not a condition of the lock: waking up from one waits for a writer that stalls.
          pause(left > 0 ? Math.min(left, stallCheck) : stallCheck);
        } else {
          beat();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits so long, or until the writer is closed. */
  private void pause(long nanos) throws InterruptedException {
    boolean _ = closing.await(nanos, TimeUnit.NANOSECONDS);
  }

  private void beat() {
    // The write may block on a reader that stalls, so it must not be this thread that waits for it.
    // One at a time: beats that pile up would keep out the writer, and whoever closes.
    beating = true;
    Thread.ofVirtual()
        .name("sse-keepalive")
        .start(() -> {
          try {
            keepalive();
          } catch (IOException | UncheckedIOException _) {
            cut();
          } finally {
            beating = false;
          }
        });
  }

  private void cut() {
    if (!closed && gone.compareAndSet(false, true)) {
      owner.interrupt();
      // A keepalive may be what stalls; it holds the lock that the owner needs to close.
      Thread stalled = writer;
      if (writing && stalled != null) {
        stalled.interrupt();
      }
    }
  }
}
