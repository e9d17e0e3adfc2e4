package ai.liberclaw.core.sse;

import ai.liberclaw.core.retry.Backoff;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes events, each whole and flushed at once, and a keepalive whenever nothing was written for a
 * while. Several threads may write.
 *
 * <p>A reader that is gone shows only on a write, and one that stalls blocks it. So somebody
 * watches: when a keepalive fails, or one write takes longer than the stall limit, the thread that
 * opened the writer is interrupted, which frees it from whatever it waits for.
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
  private final Thread owner = Thread.currentThread();
  private final ReentrantLock lock = new ReentrantLock();
  private final SseWatch watch;
  private final AtomicBoolean gone = new AtomicBoolean();
  private volatile long writeStarted;
  private volatile boolean writing;
  private volatile @Nullable Thread writer;
  private volatile boolean beating;
  private volatile long lastWrite = System.nanoTime();
  private volatile boolean closed;

  /** The thread that calls this is the one interrupted when the reader is gone. */
  public SseWriter(SseWatch watch, OutputStream out, Duration keepalive, Duration stallMax) {
    this(watch, out, Silence.EVENT, keepalive, stallMax);
  }

  /** The thread that calls this is the one interrupted when the reader is gone. */
  public SseWriter(
      SseWatch watch, OutputStream out, Silence silence, Duration keepalive, Duration stallMax) {
    this.watch = watch;
    this.out = out;
    this.filler = silence.text.getBytes(StandardCharsets.US_ASCII);
    this.keepaliveNanos = keepalive.toNanos();
    this.stallNanos = stallMax.toNanos();
    watch.add(this, shortestLimit());
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

  /** The stream below stays open. After this nothing is written. */
  @Override
  public void close() {
    // A stalled write holds the lock until it has been cut, so this wait is bounded too.
    lock.lock();
    try {
      closed = true;
      watch.remove(this);
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

  /**
   * Does what is due, without waiting for anything.
   *
   * @return nanoseconds after which it wants to be looked at again
   */
  long look() {
    if (closed || gone.get()) {
      return Long.MAX_VALUE;
    }
    long stallCheck = shortestLimit();
    if (writing) {
      if (System.nanoTime() - writeStarted > stallNanos) {
        cut();
      }
      return stallCheck;
    }
    long left = keepaliveNanos - (System.nanoTime() - lastWrite);
    if (left > 0) {
      return SseWatch.next(Math.min(left, stallCheck), stallCheck);
    }
    if (!beating) {
      beat();
    }
    return stallCheck;
  }

  /** How late a stall may be seen; a silence not even so. */
  private long shortestLimit() {
    return Math.max(1, Math.min(stallNanos / 4, keepaliveNanos));
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
