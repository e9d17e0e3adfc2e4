package ai.liberclaw.agent.context;

import ai.liberclaw.agent.context.scan.ContextScanner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Files in the workspace's root that tell whoever works there about the project. */
final class ProjectFiles {
  static final List<String> NAMES = List.of("CONTEXT.md", "AGENTS.md", ".hermes.md", "CLAUDE.md");

  /** All of them together. */
  static final int CHARS_MAX = 20_000;

  private static final int HEADING_CHARS = 40;

  private final WorkspaceText files;

  ProjectFiles(Path workspace) {
    this.files = new WorkspaceText(workspace);
  }

  /** Those that exist, each under its name; one that repeats another is left out. */
  String text(ContextScanner scanner) {
    List<String> parts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    int room = CHARS_MAX;
    for (String name : NAMES) {
      String text = files.read(name, CHARS_MAX, WorkspaceText.Keep.HEAD);
      if (text.isEmpty() || !seen.add(text)) {
        continue;
      }
      String scanned = scanner.scan(name, text);
      String note = "[cut: the rest of " + name + " is not shown here; read_file shows it]";
      int most = room - HEADING_CHARS;
      if (scanned.length() > most) {
        String head = Texts.head(scanned, Math.max(0, most - note.length() - 1));
        scanned = head.isEmpty() ? note : head + "\n" + note;
      }
      parts.add("### " + name + "\n\n" + scanned);
      room -= scanned.length() + HEADING_CHARS;
    }
    return String.join("\n\n", parts);
  }
}
