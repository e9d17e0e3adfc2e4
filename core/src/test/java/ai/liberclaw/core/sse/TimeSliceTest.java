package ai.liberclaw.core.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

  @Test
  void readersWithAFewEventsToCatchUpWithAreNotPutInLine() throws InterruptedException {
    InputStream backlog =
        new InputStream() {
          @Override
          public int read() {
            return '\n';
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            bytes[offset] = '\n';
            return 1;
          }
        };
    SseWatch watch = new SseWatch();
    List<Thread> readers = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < 500; i++) {
      readers.add(
          Thread.ofVirtual()
              .start(() -> {
                TimeSlice slice = watch.slice();
                byte[] buffer = new byte[1];
                try {
                  for (int events = 0; events < 4; events++) {
                    assertEquals(1, slice.read(backlog, buffer, 0, 1));
                    // Longer than a slice, as when all of them are behind.
                    Thread.sleep(3);
                  }
                } catch (IOException | InterruptedException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (Thread reader : readers) {
      reader.join();
    }
    long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    // In line, two at a time for up to 10 ms each, they take some seconds.
    assertTrue(ms < 1_500, () -> ms + " ms");
  }
}
