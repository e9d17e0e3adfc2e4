package ai.liberclaw.agent.workspace;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.MultipartReader;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.commons.fileupload2.core.FileItemInput;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.FileUploadException;
import org.apache.commons.fileupload2.core.FileUploadSizeException;
import org.jspecify.annotations.Nullable;

/** {@code POST /files/upload}: puts one file into a folder of the workspace. */
public final class UploadRoutes {
  static final long FILE_BYTES_MAX = 50L << 20;

  /** A whole body: the file, its headers and the other fields. */
  static final long BODY_BYTES_MAX = FILE_BYTES_MAX + (1 << 20);

  private static final int FIELD_BYTES_MAX = 4096;
  private static final int PARTS_MAX = 16;
  private static final String FOLDER_DEFAULT = "uploads";
  private static final Duration TIME_MAX = Duration.ofMinutes(10);

  private final Workspace workspace;

  public UploadRoutes(Workspace workspace) {
    this.workspace = workspace;
  }

  public void register(Router router) {
    router.post("/files/upload", this::upload);
  }

  private void upload(Exchange exchange) throws IOException {
    if (exchange.request().headers().contentLength().orElse(-1) > BODY_BYTES_MAX) {
      throw tooLarge();
    }
    CountDownLatch done = new CountDownLatch(1);
    Thread reader = Thread.currentThread();
    // Nothing in the server cuts a body that never ends.
    Thread.ofVirtual().name("upload-timer").start(() -> cut(reader, done));
    try (Upload upload = new Upload(workspace)) {
      FileItemInputIterator parts =
          new MultipartReader(PARTS_MAX, BODY_BYTES_MAX).getItemIterator(exchange);
      while (parts.hasNext()) {
        upload.part(parts.next());
      }
      exchange.send(upload.finish());
    } catch (FileUploadSizeException _) {
      throw tooLarge();
    } catch (FileUploadException _) {
      // Not multipart at all, or not to its end.
      throw missingFile();
    } catch (WorkspaceRefusal e) {
      throw new Refusal(403, e.text());
    } finally {
      done.countDown();
    }
  }

  private static void cut(Thread reader, CountDownLatch done) {
    try {
      if (!done.await(TIME_MAX.toSeconds(), TimeUnit.SECONDS)) {
        reader.interrupt();
      }
    } catch (InterruptedException _) {
      // Nobody interrupts this thread.
    }
  }

  private static Refusal tooLarge() {
    return new Refusal(413, "File too large (50MB max)");
  }

  private static Invalid missingFile() {
    return new Invalid(Invalid.Fault.of("missing", List.of("body", "file"), "Field required"));
  }

  /** The last segment of the client's name for the file. */
  private static String fileName(@Nullable String given) {
    String whole = given == null ? "" : given;
    String name = whole.substring(Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\')) + 1);
    if (name.isBlank() || name.equals(".") || name.equals("..")) {
      throw new Refusal(400, "Invalid file name");
    }
    if (name.chars().anyMatch(c -> c < 0x20 || (c >= 0x7f && c < 0xa0))) {
      throw new Refusal(400, "File name has control characters");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > 255) {
      throw new Refusal(400, "File name longer than 255 bytes");
    }
    if (Workspace.hidden(name)) {
      throw new Refusal(400, "Access to sensitive file blocked: " + name);
    }
    return name;
  }

  /** What has come of a body so far. */
  private static final class Upload implements AutoCloseable {
    private final Workspace workspace;
    private String folder = FOLDER_DEFAULT;
    private Optional<String> name = Optional.empty();
    private @Nullable Draft draft;
    private long bytes;

    private Upload(Workspace workspace) {
      this.workspace = workspace;
    }

    void part(FileItemInput part) throws IOException {
      // Not closed here: that would first wait for the rest of a part that is refused.
      InputStream in = part.getInputStream();
      if (part.isFormField() && "path".equals(part.getFieldName())) {
        byte[] value = in.readNBytes(FIELD_BYTES_MAX + 1);
        if (value.length > FIELD_BYTES_MAX) {
          throw new Refusal(400, "Path longer than " + FIELD_BYTES_MAX + " bytes");
        }
        String text = new String(value, StandardCharsets.UTF_8);
        folder = text.isBlank() ? FOLDER_DEFAULT : text;
        workspace.resolve(folder);
      } else if (!part.isFormField() && "file".equals(part.getFieldName()) && name.isEmpty()) {
        name = Optional.of(fileName(part.getName()));
        save(in);
      }
    }

    private void save(InputStream in) throws IOException {
      // The folder may still follow, so the draft waits in the root.
      Draft file = workspace.draft();
      draft = file;
      byte[] buffer = new byte[64 * 1024];
      int count = in.read(buffer);
      while (count >= 0) {
        bytes += count;
        if (bytes > FILE_BYTES_MAX) {
          throw tooLarge();
        }
        file.out().write(buffer, 0, count);
        count = in.read(buffer);
      }
    }

    ObjectNode finish() throws IOException {
      Draft file = draft;
      if (file == null || name.isEmpty()) {
        throw missingFile();
      }
      Path path = file.moveTo(folder + "/" + name.get());
      return Json.object()
          .put("path", workspace.relative(path))
          .put("size", bytes)
          .put("name", name.get());
    }

    @Override
    public void close() {
      try {
        if (draft != null) {
          draft.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
