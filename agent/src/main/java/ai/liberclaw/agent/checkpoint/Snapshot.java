package ai.liberclaw.agent.checkpoint;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All files of the workspace at one time, by their paths.
 *
 * @param entries sorted by path; paths are relative, with slashes
 */
record Snapshot(String message, Instant createdAt, SortedMap<String, Entry> entries) {
  Snapshot {
    entries = new TreeMap<>(entries);
  }

  /** What a path is. */
  enum Kind {
    FILE('F'),
    EXECUTABLE('X'),
    LINK('L'),
    /** There, but too large or not readable: neither kept nor touched. */
    LEFT_OUT('S');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    char letter() {
      return letter;
    }

    static Kind of(String letter) {
      for (Kind kind : values()) {
        if (letter.equals(String.valueOf(kind.letter))) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no kind " + letter);
    }
  }

  /**
   * One file.
   *
   * @param hash SHA-256 of its content, or of a link's target; empty for one that is left out
   * @param modified in ns, with {@code key} what tells that it has not changed since
   * @param key the file's identity
   */
  record Entry(Kind kind, String hash, long bytes, long modified, String key) {
    boolean same(Entry other) {
      return kind == other.kind && hash.equals(other.hash);
    }
  }

  /** Whether the same files have the same content. */
  boolean same(Snapshot other) {
    if (entries.size() != other.entries.size()) {
      return false;
    }
    return entries.entrySet().stream()
        .allMatch(e -> {
          Entry theirs = other.entries.get(e.getKey());
          return theirs != null && theirs.same(e.getValue());
        });
  }
}
