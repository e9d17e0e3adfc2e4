package ai.liberclaw.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes the events of many streams when they are due, on one thread: a thread for each of them
 * would take more of the machine than what is measured.
 */
final class Pacer {
  /** Writes one event; called on the pacer's thread. */
  interface Event {
    void writeTo(OutputStream out) throws IOException;
  }

  private static final class Stream implements Comparable<Stream> {
    private final OutputStream out;
    private final Event event;
    private final long pauseNanos;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private int left;
    private long due = System.nanoTime();

    Stream(OutputStream out, Event event, int events, long pauseNanos) {
      this.out = out;
      this.event = event;
      this.left = events;
      this.pauseNanos = pauseNanos;
    }

    @Override
    public int compareTo(Stream other) {
      return Long.compare(due - other.due, 0);
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final PriorityQueue<Stream> streams = new PriorityQueue<>();

  void start() {
    Thread.ofPlatform().daemon().name("pacer").start(this::run);
  }

  /** Returns when the last pause is over. */
  void write(OutputStream out, Event event, int events, long pauseMs)
      throws IOException, InterruptedException {
    Stream stream = new Stream(out, event, events, TimeUnit.MILLISECONDS.toNanos(pauseMs));
    add(stream);
    try {
      stream.over.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private void add(Stream stream) {
    lock.lock();
    try {
      streams.add(stream);
      if (streams.peek() == stream) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        Stream stream = next();
        if (stream.left-- == 0) {
          stream.over.complete(null);
          continue;
        }
        try {
          stream.event.writeTo(stream.out);
          stream.due += stream.pauseNanos;
          add(stream);
        } catch (IOException e) {
          stream.over.completeExceptionally(e);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Stream next() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        Stream first = streams.peek();
        long wait = first == null ? Long.MAX_VALUE : first.due - System.nanoTime();
        if (wait <= 0) {
          return streams.remove();
        }
        long _ = changed.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }
}
