package ai.liberclaw.agent.context;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The skills of a workspace: each directory under {@code skills/} that has a SKILL.md. */
final class Skills {
  static final int SUMMARY_CHARS_MAX = 8_000;

  /** More directories than this are not even looked at. */
  private static final int DIRECTORIES_MAX = 500;

  /** A description stands at the start of the file. */
  private static final int FILE_CHARS_MAX = 8_000;

  private final Path directory;
  private final WorkspaceText files;

  Skills(Path workspace) {
    this.directory = workspace.resolve("skills");
    this.files = new WorkspaceText(workspace);
  }

  /** By name of their directory, which is not always the name of the skill. */
  List<Skill> all() {
    List<Skill> skills = new ArrayList<>();
    for (String name : names()) {
      String text =
          files.read("skills/" + name + "/SKILL.md", FILE_CHARS_MAX, WorkspaceText.Keep.HEAD);
      if (!text.isEmpty()) {
        skills.add(Skill.parse(name, text));
      }
    }
    return skills;
  }

  /** One line for each skill that these tools can follow. Empty when there is none. */
  String summary(Set<String> tools) {
    List<String> lines =
        all().stream().filter(skill -> skill.usableWith(tools)).map(Skill::line).toList();
    StringBuilder summary = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String note =
          "[cut: " + (lines.size() - i) + " more skills are not shown; list_dir skills shows all]";
      if (summary.length() + lines.get(i).length() + note.length() + 2 > SUMMARY_CHARS_MAX) {
        return summary.append(note).toString();
      }
      summary.append(lines.get(i)).append('\n');
    }
    return summary.toString().stripTrailing();
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path entry : entries) {
        if (names.size() == DIRECTORIES_MAX) {
          break;
        }
        names.add(entry.getFileName().toString());
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return List.of(); // No skills directory, or one that cannot be listed: no skills.
    }
    names.sort(null);
    return names;
  }
}
