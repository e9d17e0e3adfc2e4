package ai.liberclaw.agent.pdf;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents. Each is parsed by a Java process of its own with a small heap and a time limit,
 * which gets the bytes on its standard input and no file, so that whatever a hostile document does
 * ends there.
 */
public final class PdfReader {
  /** Bytes of a document. */
  public static final long FILE_BYTES_MAX = 50L << 20;

  static final Duration TIME_MAX = Duration.ofSeconds(60);
  private static final String HEAP_MAX = "-Xmx256m";
  private static final int AT_ONCE_MAX = 2;

  /** Characters of one line of the process's answer: a page's text, or its picture in base64. */
  private static final int LINE_LENGTH_MAX = 8 << 20;

  private static final Logger LOG = System.getLogger(PdfReader.class.getName());

  private final Map<String, String> environment;
  private final Duration timeMax;
  private final Semaphore free = new Semaphore(AT_ONCE_MAX, true);

  /**
   * @param environment all that the process finds in its own
   */
  public PdfReader(Map<String, String> environment) {
    this(environment, TIME_MAX);
  }

  PdfReader(Map<String, String> environment, Duration timeMax) {
    this.environment = Map.copyOf(environment);
    this.timeMax = timeMax;
  }

  /** What a page is read as. */
  public enum Mode {
    TEXT,
    /** A picture, 150 dots an inch or as large as a model is shown it. */
    IMAGE
  }

  /**
   * One page.
   *
   * @param text empty for a picture
   * @param png a picture in base64, empty for text
   */
  public record Page(int number, String text, String png) {}

  /** The pages asked for, and how many there are. */
  public record Document(int pageCount, List<Page> pages) {
    public Document {
      pages = List.copyOf(pages);
    }
  }

  /**
   * Reads pages.
   *
   * @param content not closed
   * @throws PdfFault when it is no document that can be read, or takes too much time or memory
   */
  public Document read(InputStream content, List<Integer> pages, Mode mode)
      throws IOException, InterruptedException, PdfFault {
    free.acquire();
    try {
      Process process = start(pages, mode);
      try {
        return talk(process, content);
      } finally {
        process.destroyForcibly();
      }
    } finally {
      free.release();
    }
  }

  private Process start(List<Integer> pages, Mode mode) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            HEAP_MAX,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xshare:auto",
            "-Djava.awt.headless=true",
            // Its list of the machine's fonts is not worth a file that others may write.
            "-Dpdfbox.fontcache=/nonexistent",
            "-cp",
            classPath(),
            PdfProcess.class.getName(),
            mode.name(),
            pages.stream().map(String::valueOf).collect(Collectors.joining(",")));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(new File("/"))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** This process's, from wherever it was started. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(part -> !part.isEmpty())
        .map(part -> Path.of(part).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private Document talk(Process process, InputStream content)
      throws IOException, InterruptedException, PdfFault {
    Thread sending =
        Thread.ofVirtual().name("pdf-in-" + process.pid()).start(() -> send(process, content));
    FutureTask<Document> answer = new FutureTask<>(() -> answer(process));
    Thread.ofVirtual().name("pdf-out-" + process.pid()).start(answer);
    try {
      return answer.get(timeMax.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw new PdfFault(
          "the document takes longer than "
              + timeMax.toSeconds()
              + " s to read; ask for fewer pages");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PdfFault fault) {
        throw fault;
      }
      throw new IOException("the document could not be read", e.getCause());
    } finally {
      process.destroyForcibly();
      // The content belongs to the caller, who may close it now.
      sending.join();
    }
  }

  private static void send(Process process, InputStream content) {
    try (OutputStream to = process.getOutputStream()) {
      content.transferTo(to);
    } catch (IOException e) {
      // It has had enough, or is dead: its answer tells.
      LOG.log(Level.DEBUG, "pdf.not_sent reason={0}", e.toString());
    }
  }

  private static Document answer(Process process)
      throws IOException, PdfFault, InterruptedException {
    List<Page> pages = new ArrayList<>();
    int count = -1;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = line(in)) != null) {
        JsonNode node = parse(line);
        if (node.has("error")) {
          throw new PdfFault(node.path("error").asText());
        }
        if (node.has("pages")) {
          count = node.path("pages").asInt();
        }
        if (node.has("page")) {
          pages.add(
              new Page(
                  node.path("page").asInt(),
                  node.path("text").asText(),
                  node.path("png").asText()));
        }
        if (node.has("end")) {
          return new Document(count, pages);
        }
      }
    }
    // It ended without an answer: out of memory, as its options ask for.
    throw new PdfFault(
        "the document needs too much memory, or is damaged so badly that it cannot be read"
            + " (exit code "
            + process.waitFor()
            + ")");
  }

  private static JsonNode parse(String line) throws IOException {
    try {
      return Json.parse(line);
    } catch (JsonException e) {
      throw new IOException("unexpected answer", e);
    }
  }

  private static @Nullable String line(BufferedReader in) throws IOException {
    StringBuilder line = new StringBuilder();
    int c;
    while ((c = in.read()) >= 0 && c != '\n') {
      if (line.length() == LINE_LENGTH_MAX) {
        throw new IOException("answer too long");
      }
      line.append((char) c);
    }
    return c < 0 && line.isEmpty() ? null : line.toString();
  }
}
