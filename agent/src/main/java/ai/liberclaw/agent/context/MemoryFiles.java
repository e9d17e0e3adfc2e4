package ai.liberclaw.agent.context;

import java.nio.file.Path;
import java.time.LocalDate;

/** What the agent has written down for itself, as far as every turn shows it. */
final class MemoryFiles {
  static final String LONG_TERM = "memory/MEMORY.md";
  static final String PROFILE = "memory/USER.md";
  static final int PROFILE_CHARS_MAX = 4_000;
  static final int LONG_TERM_CHARS_MAX = 16_000;
  static final int DAILY_CHARS_MAX = 8_000;

  private final WorkspaceText files;

  MemoryFiles(Path workspace) {
    this.files = new WorkspaceText(workspace);
  }

  static String dailyPath(LocalDate day) {
    return "memory/" + day + ".md";
  }

  /** What is known of the user. Empty when there is nothing. */
  String profile() {
    return files.read(PROFILE, PROFILE_CHARS_MAX, WorkspaceText.Keep.HEAD);
  }

  /** Empty when there is none. */
  String longTerm() {
    return files.read(LONG_TERM, LONG_TERM_CHARS_MAX, WorkspaceText.Keep.HEAD);
  }

  /** The notes of one day, the latest of them when they are too long. Empty when there are none. */
  String daily(LocalDate day) {
    return files.read(dailyPath(day), DAILY_CHARS_MAX, WorkspaceText.Keep.TAIL);
  }
}
