package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.workspace.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Tells files that are no text. */
final class BinaryFile {
  private static final int SAMPLE_BYTES = 8 * 1024;
  private static final int CONTROL_PERCENT_MAX = 10;
  private static final Set<String> IMAGES = Set.of("png", "jpg", "jpeg", "gif", "webp", "bmp");

  private BinaryFile() {}

  /** What to tell a model that wants to read it; empty for text. The file is at its start again. */
  static Optional<String> notice(OpenFile file, String path) throws IOException {
    byte[] sample = sample(file);
    if (!binary(sample, sample.length)) {
      return Optional.empty();
    }
    String name = file.name().toLowerCase(Locale.ROOT);
    String extension = name.substring(name.lastIndexOf('.') + 1);
    String size = file.attributes().size() + " bytes";
    String kind =
        IMAGES.contains(extension)
            ? "image"
            : new String(
                        sample,
                        0,
                        Math.min(4, sample.length),
                        java.nio.charset.StandardCharsets.ISO_8859_1)
                    .equals("%PDF")
                ? "PDF document"
                : "binary";
    return Optional.of(
        "["
            + kind
            + " file, not shown as text: "
            + path
            + ", "
            + size
            + ". Inspect it with bash, for example with file, strings or xxd.]");
  }

  private static byte[] sample(OpenFile file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(SAMPLE_BYTES);
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
  static boolean binary(byte[] bytes, int count) {
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
