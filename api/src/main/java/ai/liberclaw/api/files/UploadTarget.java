package ai.liberclaw.api.files;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes harmless names of those that a client gave its file and folder. */
final class UploadTarget {
  /** Where files go that name no folder. */
  static final String FOLDER_DEFAULT = "uploads";

  private static final String NAME_DEFAULT = "file";
  private static final int NAME_BYTES_MAX = 200;
  private static final int FOLDERS_MAX = 32;

  private UploadTarget() {}

  /** The last segment, without leading dots and control characters, of 200 bytes at most. */
  static String fileName(@Nullable String given) {
    String whole = given == null ? "" : given.replace('\\', '/');
    String name = segment(whole.substring(whole.lastIndexOf('/') + 1));
    return name.isEmpty() ? NAME_DEFAULT : name;
  }

  /** A path downwards, each of its segments as a file's name is. */
  static String folder(String given) {
    String path =
        Arrays.stream(given.replace('\\', '/').split("/", -1))
            .map(UploadTarget::segment)
            .filter(segment -> !segment.isEmpty())
            .limit(FOLDERS_MAX)
            .collect(Collectors.joining("/"));
    return path.isEmpty() ? FOLDER_DEFAULT : path;
  }

  private static String segment(String text) {
    StringBuilder name = new StringBuilder();
    int bytes = 0;
    for (int c : text.strip().codePoints().toArray()) {
      boolean skipped =
          Character.isISOControl(c)
              || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
              || (c == '.' && name.isEmpty());
      if (skipped) {
        continue;
      }
      String letter = Character.toString(c);
      bytes += letter.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > NAME_BYTES_MAX) {
        break;
      }
      name.append(letter);
    }
    return name.toString().strip();
  }
}
