package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents: pages as text and as pictures, and what is no document. */
final class ReadPdfTest {
  @TempDir Path folder;
  private Scene scene;

  @BeforeEach
  void open() throws IOException {
    scene = new Scene(folder);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private void document(String name, int pages) throws IOException {
    try (PDDocument document = new PDDocument()) {
      for (int i = 1; i <= pages; i++) {
        PDPage page = new PDPage();
        document.addPage(page);
        if (i == 2) {
          continue;
        }
        try (PDPageContentStream content = new PDPageContentStream(document, page)) {
          content.beginText();
          content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 12);
          content.newLineAtOffset(72, 700);
          content.showText("This is page " + i);
          content.endText();
        }
      }
      document.save(scene.workspace.root().resolve(name).toFile());
    }
  }

  @Test
  void pagesAreReadAsText() throws Exception {
    document("d.pdf", 4);
    assertEquals(
        """
        == Page 1 of 4 ==
        This is page 1

        == Page 2 of 4 ==
        (no text on this page; mode image shows what is drawn there)

        == Page 4 of 4 ==
        This is page 4\
        """,
        scene.call("read_pdf", Map.of("path", "d.pdf", "pages", "1-2,4,9")).content());
  }

  @Test
  void aPageIsShownAsAPicture() throws Exception {
    document("d.pdf", 1);
    ToolResult shown = scene.call("read_pdf", Map.of("path", "d.pdf", "mode", "image"));
    assertEquals("[Read PDF page: d.pdf, page 1 of 1]", shown.content());
    assertEquals(1, shown.images().size());
  }

  @Test
  void aModelIsToldWhatIsNotPossible() throws Exception {
    scene.file("text.pdf", "no pdf");
    assertEquals(
        "[error: text.pdf is no PDF document; use read_file]",
        scene.call("read_pdf", Map.of("path", "text.pdf")).content());
    Files.write(
        scene.workspace.root().resolve("bad.pdf"),
        "%PDF-1.7\nnothing".getBytes(StandardCharsets.UTF_8));
    for (String pages : new String[] {"x", "0", "3-1", "1-", "-", "", "1,,2"}) {
      assertTrue(
          scene
              .say("read_pdf", Json.object().put("path", "bad.pdf").put("pages", pages))
              .startsWith("[error: bad.pdf cannot be read: pages "),
          pages);
    }
    assertEquals(
        "[error: bad.pdf cannot be read: too many pages in one call (max 20); ask for the rest in"
            + " another]",
        scene.call("read_pdf", Map.of("path", "bad.pdf", "pages", "1-999999")).content());
    assertEquals(
        "[error: bad.pdf cannot be read: the document is damaged, or is no PDF]",
        scene.call("read_pdf", Map.of("path", "bad.pdf")).content());
  }
}
