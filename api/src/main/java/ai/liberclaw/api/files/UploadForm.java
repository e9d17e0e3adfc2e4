package ai.liberclaw.api.files;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.MultipartReader;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.client.AgentFiles;
import ai.liberclaw.deploy.client.FormWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.commons.fileupload2.core.FileItemInput;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.FileUploadException;
import org.apache.commons.fileupload2.core.FileUploadSizeException;

/**
 * An upload on its way through: the client's form is read while the agent's is written, so that no
 * more of the file is here than one piece. Names are made harmless on the way.
 */
final class UploadForm implements AgentFiles.Form {
  static final long FILE_BYTES_MAX = 50L << 20;

  /** A whole body: the file, its headers and the other fields. */
  static final long BODY_BYTES_MAX = FILE_BYTES_MAX + (1 << 20);

  private static final int PARTS_MAX = 16;
  private static final int FOLDER_BYTES_MAX = 4096;

  private final FileItemInputIterator parts;
  private final StallWatch watch;
  private final FileItemInput file;
  private final String fileName;
  private String folder = UploadTarget.FOLDER_DEFAULT;

  private UploadForm(
      FileItemInputIterator parts, StallWatch watch, FileItemInput file, String fileName) {
    this.parts = parts;
    this.watch = watch;
    this.file = file;
    this.fileName = fileName;
  }

  /**
   * Reads up to the file, so that an agent is troubled with forms alone that have one.
   *
   * @throws Refusal 413 when it is too large by its own account
   * @throws Invalid when it has no file
   */
  static UploadForm read(Exchange exchange, StallWatch watch) throws IOException {
    if (exchange.request().headers().contentLength().orElse(-1) > BODY_BYTES_MAX) {
      throw FileErrors.tooLarge();
    }
    try {
      MultipartReader reader = new MultipartReader(PARTS_MAX, BODY_BYTES_MAX);
      FileItemInputIterator parts = reader.getItemIterator(exchange);
      String folder = UploadTarget.FOLDER_DEFAULT;
      while (parts.hasNext()) {
        FileItemInput part = parts.next();
        watch.passed();
        if (isFile(part)) {
          String name = UploadTarget.fileName(reader.fileName(part));
          UploadForm form = new UploadForm(parts, watch, part, name);
          form.folder = folder;
          return form;
        }
        folder = folder(part, folder);
      }
    } catch (FileUploadException e) {
      throw refused(e);
    }
    throw missingFile();
  }

  @Override
  public void writeTo(FormWriter agent) throws AgentException, IOException {
    try {
      agent.file("file", fileName, new Limited(file.getInputStream()));
      while (parts.hasNext()) {
        folder = folder(parts.next(), folder);
      }
    } catch (FileUploadException e) {
      throw refused(e);
    }
    // Last, because it may come after the file.
    agent.field("path", folder);
  }

  private static boolean isFile(FileItemInput part) {
    return !part.isFormField() && "file".equals(part.getFieldName());
  }

  /** The folder that this part names, or the one known so far. */
  private static String folder(FileItemInput part, String known) throws IOException {
    if (!part.isFormField() || !"path".equals(part.getFieldName())) {
      return known;
    }
    byte[] value = part.getInputStream().readNBytes(FOLDER_BYTES_MAX + 1);
    if (value.length > FOLDER_BYTES_MAX) {
      throw new Invalid(
          Invalid.Fault.of(
              "string_too_long",
              List.of("body", "path"),
              "String should have at most " + FOLDER_BYTES_MAX + " bytes"));
    }
    return UploadTarget.folder(new String(value, StandardCharsets.UTF_8));
  }

  private static RuntimeException refused(FileUploadException e) {
    // What is not multipart, or not to its end, holds no whole file.
    return e instanceof FileUploadSizeException ? FileErrors.tooLarge() : missingFile();
  }

  private static Invalid missingFile() {
    return new Invalid(Invalid.Fault.of("missing", List.of("body", "file"), "Field required"));
  }

  /** Ends in a refusal where the file is too large. */
  private final class Limited extends FilterInputStream {
    private long bytes;

    private Limited(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int count = super.read(to, offset, length);
      watch.passed();
      bytes += Math.max(count, 0);
      if (bytes > FILE_BYTES_MAX) {
        throw FileErrors.tooLarge();
      }
      return count;
    }
  }
}
