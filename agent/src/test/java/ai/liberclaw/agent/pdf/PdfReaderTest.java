package ai.liberclaw.agent.pdf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PdfReaderTest {
  @Test
  void aDocumentThatTakesTooLongIsGivenUp() {
    PdfReader hasty = new PdfReader(Map.of(), Duration.ofMillis(1));
    InputStream content = new ByteArrayInputStream("%PDF-1.7".getBytes(StandardCharsets.US_ASCII));
    PdfFault fault =
        assertThrows(PdfFault.class, () -> hasty.read(content, List.of(1), PdfReader.Mode.TEXT));
    assertEquals("the document takes longer than 0 s to read; ask for fewer pages", fault.text());
  }

  @Test
  void pagesAreSortedAndEachIsReadOnce() throws Exception {
    assertEquals(List.of(1, 2, 3, 7), PageRange.of(" 7, 1-3 ,2", 20));
  }
}
