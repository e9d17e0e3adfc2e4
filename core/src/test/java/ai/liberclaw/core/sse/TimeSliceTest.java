package ai.liberclaw.core.sse;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TimeSliceTest {
  /** More than there can be carriers to run them. */
  private static final int READERS = 2 * Runtime.getRuntime().availableProcessors() + 1;

  private static final long READ_SECONDS = 20;

  @Test
  void streamsThatNeverWaitLeaveOthersTheirTurn() throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READ_SECONDS);
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return over.get() || System.nanoTime() > end ? -1 : '\n';
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            bytes[offset] = '\n';
            return Math.min(read(), 1);
          }
        };
    CountDownLatch woken = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    Thread other =
        Thread.ofVirtual()
            .start(() -> {
              try {
                woken.await();
                answered.countDown();
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
    SseWatch watch = new SseWatch();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      readers.add(
          Thread.ofVirtual()
              .start(() -> {
                try (SseReader events = new SseReader(endless, 1024, watch.slice())) {
                  boolean _ = events.advance();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    TimeUnit.MILLISECONDS.sleep(200);
    // This thread is the outside: a platform thread, as the one that waits for sockets.
    woken.countDown();
    boolean inTime = answered.await(READ_SECONDS / 2, TimeUnit.SECONDS);
    over.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    other.join();
    assertTrue(inTime, "somebody else was served while they read");
  }
}
