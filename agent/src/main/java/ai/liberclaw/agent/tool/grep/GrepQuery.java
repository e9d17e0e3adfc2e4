package ai.liberclaw.agent.tool.grep;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What to look for.
 *
 * @param place the real path of a folder or a file
 * @param extensions of the files looked at; empty for all
 * @param limit lines of the result
 */
public record GrepQuery(
    String pattern,
    Path place,
    Mode mode,
    List<String> extensions,
    boolean caseSensitive,
    int limit,
    Duration timeMax) {
  /** How long a search may take. */
  public static final Duration TIME_MAX = Duration.ofSeconds(30);

  /** Folders that are not looked into: what programs make again. */
  public static final Set<String> SKIPPED_FOLDERS = Set.of("node_modules", "__pycache__");

  public GrepQuery {
    extensions = List.copyOf(extensions);
  }

  /** What each line of the result is. */
  public enum Mode {
    /** A line that matches, with its file and number. */
    CONTENT,
    /** A file in which something matches. */
    FILES,
    /** A file, and the number of its lines that match. */
    COUNT
  }
}
