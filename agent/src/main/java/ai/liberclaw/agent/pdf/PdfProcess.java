package ai.liberclaw.agent.pdf;

import ai.liberclaw.agent.image.Images;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.rendering.ImageType;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.text.PDFTextStripper;

/**
 * The process that reads one document: bytes on standard input, answers on standard output, one
 * JSON object a line. Started by {@link PdfReader}.
 */
final class PdfProcess {
  private static final int DOTS_PER_INCH = 150;
  private static final float POINTS_PER_INCH = 72;

  /** A page that would have more pixels is drawn at once as small as a model is shown it. */
  private static final int SIDE_MAX = Images.SIDE_MAX;

  /** Characters of one page. */
  private static final int TEXT_LENGTH_MAX = 200_000;

  private PdfProcess() {}

  /**
   * Reads standard input.
   *
   * @param args a mode and the pages, separated by commas
   */
  public static void main(String[] args) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    // Whatever a library prints must not be taken for an answer.
    System.setOut(new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    // A hostile document makes libraries complain a million times.
    LogManager.getLogManager().reset();
    int[] pages = Stream.of(args[1].split(",")).mapToInt(Integer::parseInt).toArray();
    try (PDDocument document = Loader.loadPDF(System.in.readAllBytes())) {
      answer(document, PdfReader.Mode.valueOf(args[0]), pages, out);
    } catch (InvalidPasswordException _) {
      say(out, Json.object().put("error", "the document is protected by a password"));
    } catch (IOException | RuntimeException _) {
      say(out, Json.object().put("error", "the document is damaged, or is no PDF"));
    }
  }

  private static void answer(PDDocument document, PdfReader.Mode mode, int[] pages, PrintStream out)
      throws IOException {
    int count = document.getNumberOfPages();
    say(out, Json.object().put("pages", count));
    for (int page : pages) {
      if (page > count) {
        continue;
      }
      ObjectNode answer = Json.object().put("page", page);
      try {
        switch (mode) {
          case TEXT -> answer.put("text", text(document, page));
          case IMAGE -> answer.put("png", picture(document, page));
        }
      } catch (IOException | RuntimeException _) {
        answer.put("text", "[this page is damaged and cannot be read]");
      }
      say(out, answer);
    }
    say(out, Json.object().put("end", true));
  }

  private static String text(PDDocument document, int page) throws IOException {
    PDFTextStripper stripper = new PDFTextStripper();
    stripper.setSortByPosition(true);
    stripper.setStartPage(page);
    stripper.setEndPage(page);
    String text = stripper.getText(document).strip();
    return text.length() > TEXT_LENGTH_MAX
        ? text.substring(0, TEXT_LENGTH_MAX) + "\n[page cut]"
        : text;
  }

  private static String picture(PDDocument document, int page) throws IOException {
    PDPage source = document.getPage(page - 1);
    PDRectangle size = source.getCropBox();
    float side = Math.max(size.getWidth(), size.getHeight());
    float scale = Math.min(DOTS_PER_INCH / POINTS_PER_INCH, SIDE_MAX / side);
    BufferedImage image = new PDFRenderer(document).renderImage(page - 1, scale, ImageType.RGB);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.setUseCache(false);
    ImageIO.write(image, "png", png);
    return Base64.getEncoder().encodeToString(png.toByteArray());
  }

  private static void say(PrintStream out, ObjectNode answer) {
    out.println(Json.write(answer));
    out.flush();
  }
}
