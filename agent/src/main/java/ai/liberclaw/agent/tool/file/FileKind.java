package ai.liberclaw.agent.tool.file;

import ai.liberclaw.agent.workspace.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** What a file is to a model: lines of text, a picture, a document, or neither. */
public enum FileKind {
  TEXT,
  IMAGE,
  PDF,
  BINARY;

  private static final int SAMPLE_BYTES = 8 * 1024;
  private static final int CONTROL_PERCENT_MAX = 10;
  private static final Set<String> IMAGES = Set.of("png", "jpg", "jpeg", "gif", "webp", "bmp");
  private static final Set<String> BINARIES =
      Set.of(
          "zip", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "tar", "jar", "war", "class", "so",
          "o", "a", "exe", "dll", "bin", "iso", "img", "wasm", "pyc", "sqlite", "sqlite3", "db",
          "mp3", "mp4", "m4a", "ogg", "wav", "flac", "avi", "mkv", "mov", "webm", "ico", "tif",
          "tiff", "heic", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "epub",
          "ttf", "otf", "woff", "woff2", "parquet", "npy", "pkl");

  /** Looks at the name and the first bytes. The file is at its start again. */
  public static FileKind of(OpenFile file) throws IOException {
    String name = file.name().toLowerCase(Locale.ROOT);
    String extension = name.substring(name.lastIndexOf('.') + 1);
    if (IMAGES.contains(extension) && file.attributes().size() > 0) {
      return IMAGE;
    }
    byte[] sample = sample(file);
    if (new String(sample, 0, Math.min(5, sample.length), StandardCharsets.ISO_8859_1)
        .equals("%PDF-")) {
      return PDF;
    }
    boolean known = name.indexOf('.') >= 0 && BINARIES.contains(extension) && sample.length > 0;
    return known || binary(sample, sample.length) ? BINARY : TEXT;
  }

  /** What to tell a model that wants to read a file that is no text. */
  public String notice(OpenFile file, String path) {
    String what = path + ", " + file.attributes().size() + " bytes. ";
    return switch (this) {
      case TEXT -> "[text file: " + what + "Read it with read_file.]";
      case IMAGE -> "[image file, not shown as text: " + what + "See it with read_file.]";
      case PDF -> "[PDF document, not shown as text: " + what + "Read it with read_pdf.]";
      case BINARY ->
          "[binary file, not shown as text: "
              + what
              + "Inspect it with bash, for example with file, strings or xxd; unpack an archive"
              + " before reading what it holds.]";
    };
  }

  private static byte[] sample(OpenFile file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(SAMPLE_BYTES);
    file.channel().position(0);
    int count = 0;
    while (buffer.hasRemaining() && count >= 0) {
      count = file.channel().read(buffer);
    }
    file.channel().position(0);
    byte[] sample = new byte[buffer.position()];
    buffer.flip().get(sample);
    return sample;
  }

  /** A NUL, or many control characters. */
  public static boolean binary(byte[] bytes, int count) {
    int control = 0;
    for (int i = 0; i < count; i++) {
      byte b = bytes[i];
      if (b == 0) {
        return true;
      }
      if ((b >= 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b)
          || b == 0x7f) {
        control++;
      }
    }
    return control * 100L > (long) count * CONTROL_PERCENT_MAX;
  }
}
