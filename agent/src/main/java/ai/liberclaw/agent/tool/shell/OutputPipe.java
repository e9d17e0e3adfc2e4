package ai.liberclaw.agent.tool.shell;

import java.io.Closeable;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One output stream of a command, read to its end by a thread of its own. The JDK closes its own
 * pipes when the child exits, which would break a background process that still writes; this one
 * collects until {@link #stopCollecting} and throws away what comes later.
 */
final class OutputPipe implements AutoCloseable {
  private static final Logger LOG = System.getLogger(OutputPipe.class.getName());
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Sink sink;
  private final InputStream in;
  private final File target;
  private final Closeable writeEnd;
  private final ReentrantLock collecting = new ReentrantLock();
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean collects = true;
  private boolean started;
  private boolean closed;

  private OutputPipe(Sink sink, InputStream in, File target, Closeable writeEnd) {
    this.sink = sink;
    this.in = in;
    this.target = target;
    this.writeEnd = writeEnd;
  }

  /** A pipe for a child that is about to be started. */
  static OutputPipe unnamed(Libc libc, Sink sink) throws IOException {
    int[] ends = libc.pipe();
    try {
      return new OutputPipe(
          sink,
          new FileInputStream("/dev/fd/" + ends[0]),
          new File("/dev/fd/" + ends[1]),
          () -> libc.close(ends[1]));
    } catch (IOException e) {
      libc.close(ends[1]);
      throw e;
    } finally {
      libc.close(ends[0]);
    }
  }

  /**
   * A pipe for children that open it themselves.
   *
   * @param path of a pipe that exists
   */
  static OutputPipe named(Path path, Sink sink) throws IOException {
    // Both ends first: an open of one end would wait for somebody at the other.
    RandomAccessFile both = new RandomAccessFile(path.toFile(), "rw");
    try {
      return new OutputPipe(sink, new FileInputStream(path.toFile()), path.toFile(), both);
    } catch (IOException e) {
      both.close();
      throw e;
    }
  }

  ProcessBuilder.Redirect target() {
    return ProcessBuilder.Redirect.appendTo(target);
  }

  /** Starts to read. */
  void begin(String name) {
    started = true;
    // A read of a pipe blocks its thread, also a virtual one's carrier.
    Thread.ofPlatform().daemon().name(name).start(this::read);
  }

  /** Nobody opens it any more: from now on it ends with its last writer. */
  void closeWriteEnd() throws IOException {
    if (!closed) {
      closed = true;
      writeEnd.close();
    }
  }

  private void read() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (in) {
      int count;
      while ((count = in.read(buffer)) > 0) {
        collect(buffer, count);
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "tool.output_lost reason={0}", e.getMessage());
    } finally {
      ended.countDown();
    }
  }

  private void collect(byte[] buffer, int count) throws IOException {
    collecting.lock();
    try {
      if (collects) {
        sink.write(buffer, count);
      }
    } finally {
      collecting.unlock();
    }
  }

  /** True when every writer has closed the pipe within this time. */
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    return ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What comes later is dropped; the sink is no longer written to. */
  void stopCollecting() {
    collecting.lock();
    try {
      collects = false;
    } finally {
      collecting.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    stopCollecting();
    closeWriteEnd();
    if (!started) {
      in.close();
    }
  }
}
