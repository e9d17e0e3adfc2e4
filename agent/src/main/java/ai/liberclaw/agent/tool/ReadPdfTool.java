package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.image.ImageRefusal;
import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.pdf.PageRange;
import ai.liberclaw.agent.pdf.PdfFault;
import ai.liberclaw.agent.pdf.PdfReader;
import ai.liberclaw.agent.tool.file.FileKind;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** {@code read_pdf}: pages of a document, as text or as pictures. */
public final class ReadPdfTool implements Tool {
  static final int TEXT_PAGES_MAX = 20;
  static final int IMAGE_PAGES_MAX = 3;

  private final Workspace workspace;
  private final PdfReader reader;

  public ReadPdfTool(Workspace workspace, PdfReader reader) {
    this.workspace = workspace;
    this.reader = reader;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "read_pdf",
            "Read pages of a PDF document of the workspace, as text ("
                + TEXT_PAGES_MAX
                + " pages at most) or as pictures shown to you ("
                + IMAGE_PAGES_MAX
                + " at most), which suits scans, tables and drawings.")
        .required("path", "string", "Path relative to the workspace")
        .optional("pages", "string", "Such as '1', '1-3' or '2,5'; '1' by default")
        .choice("mode", List.of("text", "image"), "text by default")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public boolean imageAware() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String path = arguments.path("path").asText();
    PdfReader.Mode mode =
        arguments.path("mode").asText("text").equals("image")
            ? PdfReader.Mode.IMAGE
            : PdfReader.Mode.TEXT;
    try (OpenFile file = workspace.open(path)) {
      List<Integer> pages =
          PageRange.of(
              arguments.path("pages").asText("1"),
              mode == PdfReader.Mode.IMAGE ? IMAGE_PAGES_MAX : TEXT_PAGES_MAX);
      if (FileKind.of(file) != FileKind.PDF) {
        return ToolResult.error(path + " is no PDF document; use read_file");
      }
      if (file.attributes().size() > PdfReader.FILE_BYTES_MAX) {
        return ToolResult.error(
            "document too large ("
                + file.attributes().size()
                + " bytes, max "
                + PdfReader.FILE_BYTES_MAX
                + "); take it apart with bash, for example with qpdf");
      }
      PdfReader.Document document = reader.read(file.stream(), pages, mode);
      if (document.pages().isEmpty()) {
        return ToolResult.error(
            path + " has " + document.pageCount() + " pages; none of those asked for is there");
      }
      return mode == PdfReader.Mode.IMAGE ? pictures(path, document) : text(document);
    } catch (PdfFault e) {
      return ToolResult.error(path + " cannot be read: " + e.text());
    }
  }

  private static ToolResult text(PdfReader.Document document) {
    List<String> sections = new ArrayList<>();
    for (PdfReader.Page page : document.pages()) {
      sections.add(
          "== Page "
              + page.number()
              + " of "
              + document.pageCount()
              + " ==\n"
              + (page.text().isBlank()
                  ? "(no text on this page; mode image shows what is drawn there)"
                  : page.text()));
    }
    return ToolResult.text(String.join("\n\n", sections));
  }

  private static ToolResult pictures(String path, PdfReader.Document document)
      throws IOException, InterruptedException {
    List<Image> images = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (PdfReader.Page page : document.pages()) {
      String where = path + ", page " + page.number() + " of " + document.pageCount();
      try {
        if (page.png().isEmpty()) {
          lines.add("[" + where + ": damaged, cannot be shown]");
        } else {
          images.add(Images.of(Base64.getDecoder().decode(page.png()), "image/png"));
          lines.add("[Read PDF page: " + where + "]");
        }
      } catch (ImageRefusal e) {
        lines.add("[" + where + ": cannot be shown, " + e.getMessage() + "]");
      }
    }
    return ToolResult.of(String.join("\n", lines), images.isEmpty()).withImages(images);
  }
}
