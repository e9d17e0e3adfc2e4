package ai.liberclaw.core.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SseWriterTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final String KEEPALIVE = "data: {\"type\":\"keepalive\"}\n\n";

  private final SseWatch watch = new SseWatch();

  /** Remembers what left with each flush. */
  private static final class Flushes extends OutputStream {
    final BlockingQueue<String> flushed = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      pending.write(b);
    }

    @Override
    public void flush() {
      flushed.add(pending.toString(UTF_8));
      pending.reset();
    }
  }

  @Test
  void eachEventLeavesWholeWithItsExactBytes() throws IOException {
    Flushes out = new Flushes();
    try (SseWriter writer = new SseWriter(watch, out, NEVER, NEVER)) {
      writer.keepalive();
      writer.event("{\"type\":\"text\"}");
      writer.event(12, "{\"a\":\"é\"}");
      byte[] bytes = "xx{}yy".getBytes(UTF_8);
      writer.event(bytes, 2, 2);
    }
    assertEquals(
        List.of(
            KEEPALIVE,
            "data: {\"type\":\"text\"}\n\n",
            "id: 12\ndata: {\"a\":\"é\"}\n\n",
            "data: {}\n\n"),
        new ArrayList<>(out.flushed));
  }

  @Test
  void silenceIsFilledWithKeepalives() throws Exception {
    Flushes out = new Flushes();
    try (SseWriter writer = new SseWriter(watch, out, Duration.ofMillis(20), NEVER)) {
      assertEquals(KEEPALIVE, out.flushed.poll(5, TimeUnit.SECONDS));
      assertEquals(KEEPALIVE, out.flushed.poll(5, TimeUnit.SECONDS));
      assertTrue(!writer.isGone());
    }
  }

  @Test
  void aStreamOfObjectsIsFilledWithCommentsAndEndsWithAWordToComeBack() throws Exception {
    Flushes out = new Flushes();
    try (SseWriter writer =
        new SseWriter(watch, out, SseWriter.Silence.PING, Duration.ofMillis(20), NEVER)) {
      assertEquals(": ping\n\n", out.flushed.poll(5, TimeUnit.SECONDS));
    }
    out.flushed.clear();
    try (SseWriter writer = new SseWriter(watch, out, SseWriter.Silence.PING, NEVER, NEVER)) {
      writer.restarting();
    }
    String end = String.valueOf(out.flushed.poll());
    assertTrue(end.matches(": restarting\nretry: [1-4][0-9]{3}\n\n"), end);
  }

  @Test
  void aStreamWithShorterLimitsThanTheOthersIsNotLate() throws Exception {
    Flushes late = new Flushes();
    Flushes out = new Flushes();
    try (SseWriter _ = new SseWriter(watch, late, NEVER, NEVER)) {
      // Whoever watches is asleep by now.
      Thread.sleep(100);
      long begun = System.nanoTime();
      try (SseWriter _ = new SseWriter(watch, out, Duration.ofMillis(20), NEVER)) {
        assertEquals(KEEPALIVE, out.flushed.poll(5, TimeUnit.SECONDS));
      }
      assertTrue(System.nanoTime() - begun < Duration.ofMillis(700).toNanos());
      assertTrue(late.flushed.isEmpty());
    }
  }

  @Test
  void keepalivesNeverCutAnEvent() throws Exception {
    Flushes out = new Flushes();
    String event = "{\"t\":\"" + "x".repeat(2000) + "\"}";
    int count = 200;
    try (SseWriter writer = new SseWriter(watch, out, Duration.ofNanos(1), NEVER)) {
      for (int i = 0; i < count; i++) {
        writer.event(event);
      }
      // The scheduler may have given the keepalive's thread no turn so far.
      long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (!out.flushed.contains(KEEPALIVE) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
    }
    List<String> events = new ArrayList<>(out.flushed);
    assertTrue(events.removeIf(KEEPALIVE::equals), "no keepalive was written");
    assertEquals(count, events.size());
    assertTrue(events.stream().allMatch(("data: " + event + "\n\n")::equals));
  }

  @Test
  void nothingIsWrittenAfterTheEnd() throws Exception {
    Flushes out = new Flushes();
    SseWriter writer = new SseWriter(watch, out, Duration.ofMillis(5), NEVER);
    writer.close();
    int flushes = out.flushed.size();
    assertThrows(IOException.class, () -> writer.event("{}"));
    assertEquals(null, out.flushed.poll(50, TimeUnit.MILLISECONDS));
    assertTrue(out.flushed.size() <= flushes);
  }

  @Test
  void aReaderThatLeftFreesTheThreadThatWaitsForEvents() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new UncheckedIOException(new IOException("Broken pipe"));
          }
        };
    assertInstanceOf(InterruptedException.class, waitBehind(broken, NEVER));
  }

  @Test
  void aReaderThatStallsIsDropped() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    OutputStream stalled =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new IOException("interrupted", e);
            }
          }
        };
    try {
      assertInstanceOf(InterruptedException.class, waitBehind(stalled, Duration.ofMillis(100)));
    } finally {
      never.countDown();
    }
  }

  /** What ends a thread that opened a writer and then waits for events for ever. */
  private Exception waitBehind(OutputStream out, Duration stallMax) throws InterruptedException {
    BlockingQueue<Exception> outcome = new LinkedBlockingQueue<>();
    CountDownLatch forever = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          SseWriter writer = new SseWriter(watch, out, Duration.ofMillis(20), stallMax);
          try {
            forever.await();
          } catch (InterruptedException e) {
            // Waits for whoever writes.
            writer.close();
            outcome.add(writer.isGone() ? e : new IllegalStateException("not gone"));
          }
        });
    Exception end = outcome.poll(10, TimeUnit.SECONDS);
    if (end == null) {
      throw new AssertionError("the waiting thread was not freed within 10 s");
    }
    return end;
  }
}
