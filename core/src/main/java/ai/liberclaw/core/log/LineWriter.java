package ai.liberclaw.core.log;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;

/**
 * Writes lines from a thread of its own, so that a request neither pays for a system call of its
 * log line nor waits for a terminal or a pipe that takes no more. Lines are written in their order,
 * the first at once, those that follow it closely together.
 */
final class LineWriter {
  /** Bytes that wait at most; what comes then is dropped, and the drop is told. */
  static final int WAITING_BYTES_MAX = 1024 * 1024;

  private static final long TOGETHER_MS = 20;
  private static final long DIRECT_WAIT_MS = 1_000;

  private final PrintStream out;
  private final LongFunction<String> droppedLine;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition some = lock.newCondition();
  private final ReentrantLock writing = new ReentrantLock();
  private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private ByteArrayOutputStream spare = new ByteArrayOutputStream();
  private long dropped;
  private boolean idle;
  private volatile boolean direct;

  /**
   * @param droppedLine tells how many lines are missing where it stands
   */
  LineWriter(PrintStream out, LongFunction<String> droppedLine) {
    this.out = out;
    this.droppedLine = droppedLine;
  }

  void start() {
    Thread.ofPlatform().daemon().name("log").start(this::run);
    // What servers tell while they end comes too late for a thread that ends with them.
    Runtime.getRuntime().addShutdownHook(new Thread(this::writeDirectly, "log-end"));
  }

  /**
   * @param line with its end
   */
  void add(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    lock.lock();
    try {
      if (waiting.size() + bytes.length > WAITING_BYTES_MAX) {
        dropped++;
      } else {
        waiting.writeBytes(bytes);
      }
      if (idle) {
        some.signal();
      }
    } finally {
      lock.unlock();
    }
    if (direct) {
      writeWaiting();
    }
  }

  /** From now on a line is written before {@link #add} returns. */
  void writeDirectly() {
    direct = true;
    writeWaiting();
  }

  private void run() {
    try {
      while (!direct) {
        awaitSome();
        writeWaiting();
        TimeUnit.MILLISECONDS.sleep(TOGETHER_MS);
      }
    } catch (InterruptedException _) {
      direct = true;
    }
  }

  private void awaitSome() throws InterruptedException {
    lock.lock();
    try {
      idle = true;
      while (waiting.size() == 0) {
        some.await();
      }
      idle = false;
    } finally {
      lock.unlock();
    }
  }

  private void writeWaiting() {
    try {
      if (!writing.tryLock(DIRECT_WAIT_MS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      ByteArrayOutputStream lines = take();
      out.writeBytes(lines.toByteArray());
      out.flush();
      lines.reset();
    } finally {
      writing.unlock();
    }
  }

  private ByteArrayOutputStream take() {
    lock.lock();
    try {
      ByteArrayOutputStream lines = waiting;
      waiting = spare;
      spare = lines;
      if (dropped > 0) {
        lines.writeBytes(droppedLine.apply(dropped).getBytes(StandardCharsets.UTF_8));
        dropped = 0;
      }
      return lines;
    } finally {
      lock.unlock();
    }
  }
}
