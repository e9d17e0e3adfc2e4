package ai.liberclaw.core.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseReaderTest {
  private static final int MAX = 1000;

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void everyLineEndIsUnderstoodInReadsOfAnySize(String end) throws IOException {
    String stream =
        String.join(
            end,
            ":comment",
            "data: é🦀",
            "",
            "event: news",
            "id: 7",
            "data:one",
            "data: two",
            "data",
            "",
            "id: lost",
            "",
            "retry: 5",
            "data:  x ",
            "",
            "data: unfinished");
    for (int size = 1; size <= 8; size++) {
      List<SseEvent> events = read(stream, size);
      assertEquals(
          List.of(
              new SseEvent("é🦀", null, null),
              new SseEvent("one\ntwo\n", "7", "news"),
              new SseEvent(" x ", null, null)),
          events);
    }
  }

  @Test
  void aByteOrderMarkAtTheStartIsSkipped() throws IOException {
    assertEquals(
        List.of(new SseEvent("a", null, null), new SseEvent("b", null, null)),
        read("\uFEFFdata: a\n\ndata: b\n\n\uFEFFdata: c\n\n", 3));
  }

  @Test
  void anEventIsThereAsSoonAsItsBlankLineIs() throws IOException {
    InputStream blocking =
        new InputStream() {
          private final ByteArrayInputStream first =
              new ByteArrayInputStream("data: now\r\r".getBytes(UTF_8));

          @Override
          public int read() {
            throw new AssertionError("not used");
          }

          @Override
          public int read(byte[] to, int offset, int length) {
            int count = first.readNBytes(to, offset, length);
            assertTrue(count > 0, "waited for more than the event");
            return count;
          }
        };
    try (SseReader reader = new SseReader(blocking, MAX)) {
      assertTrue(reader.advance());
      assertEquals("now", new String(reader.data(), 0, reader.dataLength(), UTF_8));
    }
  }

  @Test
  void aLineOverTheLimitIsRefused() {
    assertThrows(SseTooLargeException.class, () -> read("data: " + "x".repeat(MAX) + "\n\n", 100));
    assertThrows(SseTooLargeException.class, () -> read(":" + "x".repeat(MAX + 1), 100));
  }

  @Test
  void anEventOfManyLinesOverTheLimitIsRefused() {
    String lines = "data: 0123456789\n".repeat(MAX / 10);
    assertThrows(SseTooLargeException.class, () -> read(lines + "\n", 100));
  }

  @Test
  void anEventUpToTheLimitIsRead() throws IOException {
    String data = "x".repeat(MAX - "data: ".length());
    assertEquals(List.of(new SseEvent(data, null, null)), read("data: " + data + "\n\n", 7));
  }

  /** Reads through a stream that gives at most {@code size} bytes at a time. */
  private static List<SseEvent> read(String stream, int size) throws IOException {
    InputStream in =
        new ByteArrayInputStream(stream.getBytes(UTF_8)) {
          @Override
          public int read(byte[] to, int offset, int length) {
            return super.read(to, offset, Math.min(size, length));
          }

          @Override
          public int read(byte[] to) {
            return read(to, 0, to.length);
          }
        };
    List<SseEvent> events = new ArrayList<>();
    try (SseReader reader = new SseReader(in, MAX)) {
      for (SseEvent event = reader.next(); event != null; event = reader.next()) {
        events.add(event);
      }
    }
    return events;
  }
}
