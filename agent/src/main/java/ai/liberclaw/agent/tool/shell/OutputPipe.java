package ai.liberclaw.agent.tool.shell;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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

  private final Libc libc;
  private final Spool spool;
  private final InputStream in;
  private final int writeEnd;
  private final ReentrantLock collecting = new ReentrantLock();
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean collects = true;
  private boolean started;

  OutputPipe(Libc libc, Spool spool) throws IOException {
    this.libc = libc;
    this.spool = spool;
    int[] ends = libc.pipe();
    writeEnd = ends[1];
    try {
      in = new FileInputStream("/dev/fd/" + ends[0]);
    } catch (IOException e) {
      libc.close(writeEnd);
      throw e;
    } finally {
      libc.close(ends[0]);
    }
  }

  ProcessBuilder.Redirect target() {
    return ProcessBuilder.Redirect.appendTo(new File("/dev/fd/" + writeEnd));
  }

  /** After the child has started, or failed to. */
  void begin(String name) {
    libc.close(writeEnd);
    started = true;
    // A read of a pipe blocks its thread, also a virtual one's carrier.
    Thread.ofPlatform().daemon().name(name).start(this::read);
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
        spool.write(buffer, count);
      }
    } finally {
      collecting.unlock();
    }
  }

  /** True when every writer has closed the pipe within this time. */
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    return ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What comes later is dropped; the spool is no longer written to. */
  void stopCollecting() {
    collecting.lock();
    try {
      collects = false;
    } finally {
      collecting.unlock();
    }
  }

  /** What was written until {@link #stopCollecting}. */
  InputStream collected() {
    return spool.open();
  }

  @Override
  public void close() throws IOException {
    stopCollecting();
    if (!started) {
      libc.close(writeEnd);
      in.close();
    }
    spool.close();
  }
}
