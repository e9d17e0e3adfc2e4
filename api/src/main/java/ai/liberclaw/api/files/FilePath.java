package ai.liberclaw.api.files;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import java.util.List;

/**
 * Where a file is in a workspace. Its segments, each encoded anew, can name nothing else of the
 * agent than a file.
 *
 * @param segments decoded
 */
record FilePath(List<String> segments) {
  private static final String CURRENT = ".";
  private static final String PARENT = "..";

  FilePath {
    segments = List.copyOf(segments);
  }

  /**
   * Reads the rest of a request's path, decoding it once.
   *
   * @throws Refusal 404 when it leads anywhere but downwards
   */
  static FilePath of(String raw) {
    String path = Exchange.decode(raw);
    List<String> segments = List.of(path.split("/", -1));
    boolean plain =
        segments.stream().noneMatch(s -> s.isEmpty() || s.equals(CURRENT) || s.equals(PARENT))
            && path.chars().noneMatch(c -> c == '\\' || Character.isISOControl(c));
    if (!plain) {
      throw FileErrors.notFound();
    }
    return new FilePath(segments);
  }

  String name() {
    return segments.getLast();
  }
}
