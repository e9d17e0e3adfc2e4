package ai.liberclaw.agent.tool.patch;

import java.util.List;
import java.util.Optional;

/**
 * What a patch does to one file.
 *
 * @param from the file it is about; empty for a new one
 * @param to the file there is afterwards; empty for a deleted one
 * @param executable what the file is to be; empty when the patch says nothing
 */
record FilePatch(
    Kind kind,
    Optional<String> from,
    Optional<String> to,
    Optional<Boolean> executable,
    List<Hunk> hunks) {
  FilePatch {
    hunks = List.copyOf(hunks);
  }

  /** How the two names belong together. */
  enum Kind {
    CHANGE,
    CREATE,
    DELETE,
    RENAME,
    COPY
  }

  /** The name to speak of it by. */
  String name() {
    return to.or(() -> from).orElse("");
  }

  /**
   * Lines that belong together.
   *
   * @param header its first line, for messages
   * @param oldStart where its old lines were, counted from 1; with no old lines, the line before
   */
  record Hunk(String header, int oldStart, List<Line> lines) {
    Hunk {
      lines = List.copyOf(lines);
    }

    /** Lines that must be there, in their order. */
    List<Line> old() {
      return lines.stream().filter(line -> line.kind() != '+').toList();
    }
  }

  /**
   * One line of a hunk; its characters are bytes.
   *
   * @param kind {@code ' '}, {@code '-'} or {@code '+'}
   * @param newline false when it is the last of a file that does not end in a line end
   */
  record Line(char kind, String text, boolean newline) {}
}
