package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NdjsonFramesTest {
  private static List<String> lines(String text, int max) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Wire.Frames frames = new NdjsonFrames(new ByteArrayInputStream(bytes), max);
    List<String> lines = new ArrayList<>();
    while (frames.advance()) {
      lines.add(new String(frames.data(), 0, frames.dataLength(), StandardCharsets.UTF_8).strip());
    }
    return lines;
  }

  @Test
  void linesEndInLfOrCrlfAndBlankOnesDoNotCount() throws IOException {
    assertEquals(List.of("{\"a\":\"ü\"}", "{}", "{"), lines("\n{\"a\":\"ü\"}\r\n \r\n{}\n{", 100));
    assertEquals(List.of(), lines("", 100));
    assertEquals(List.of("x".repeat(20_000), "y"), lines("x".repeat(20_000) + "\ny\n", 20_000));
  }

  @Test
  void aLineOverTheBoundIsRefused() {
    assertThrows(HttpExchange.TooLargeException.class, () -> lines("x".repeat(20_001), 20_000));
  }
}
