package ai.liberclaw.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Lines come whole and in order, and nobody waits for who does not take them. */
class LineWriterTest {
  private static final int THREADS = 8;
  private static final int LINES = 500;

  /** Takes nothing until it is opened. */
  private static final class Valve extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CountDownLatch open = new CountDownLatch(1);

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        open.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      synchronized (taken) {
        taken.write(bytes, offset, length);
      }
    }

    String text() {
      synchronized (taken) {
        return taken.toString(StandardCharsets.UTF_8);
      }
    }
  }

  private final Valve valve = new Valve();
  private final LineWriter writer =
      new LineWriter(new PrintStream(valve), count -> "dropped " + count + "\n");

  @Test
  void manyThreadsWriteWholeLinesInTheirOrder() throws InterruptedException {
    valve.open.countDown();
    writer.start();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      String name = "thread" + i;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int n = 0; n < LINES; n++) {
                  writer.add(name + " " + n + "\n");
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    writer.writeDirectly();
    assertEquals(THREADS * LINES, valve.text().lines().count());
    for (int i = 0; i < THREADS; i++) {
      String name = "thread" + i + " ";
      List<String> own = valve.text().lines().filter(line -> line.startsWith(name)).toList();
      for (int n = 0; n < LINES; n++) {
        assertEquals(name + n, own.get(n));
      }
    }
  }

  @Test
  void nobodyWaitsForAPipeThatTakesNothingAndTheGapIsTold() {
    writer.start();
    String line = "x".repeat(1023) + "\n";
    int fit = LineWriter.WAITING_BYTES_MAX / line.length();
    // The writer may have taken a first batch away before it was held up.
    for (int i = 0; i < 2 * fit + 7; i++) {
      writer.add(line);
    }
    valve.open.countDown();
    writer.writeDirectly();
    List<String> lines = valve.text().lines().toList();
    long gap =
        lines.stream()
            .filter(told -> told.startsWith("dropped "))
            .mapToLong(told -> Long.parseLong(told.substring("dropped ".length())))
            .sum();
    long kept = lines.stream().filter(told -> told.startsWith("x")).count();
    assertEquals(2 * fit + 7, kept + gap);
    assertTrue(kept >= fit, "kept " + kept);
  }

  @Test
  void atTheEndALineIsWrittenBeforeItsCallerGoesOn() {
    valve.open.countDown();
    writer.start();
    writer.add("before\n");
    writer.writeDirectly();
    writer.add("after\n");
    assertEquals("before\nafter\n", valve.text());
  }
}
