package ai.liberclaw.agent.context;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The skills of a workspace: each directory under {@code skills/} that has a SKILL.md. */
final class Skills {
  static final int SUMMARY_CHARS_MAX = 8_000;

  /** More directories than this are not even looked at. */
  private static final int DIRECTORIES_MAX = 500;

  /** A description stands at the start of the file. */
  private static final int FILE_CHARS_MAX = 8_000;

  private final Path directory;
  private final WorkspaceText files;
  private final Map<String, Parsed> parsed = new ConcurrentHashMap<>();

  /** A skill and the text it was read from. */
  private record Parsed(String text, Skill skill) {}

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
        skills.add(parsed(name, text));
      }
    }
    return skills;
  }

  /** What did not change is not parsed again. */
  private Skill parsed(String name, String text) {
    Parsed known = parsed.get(name);
    if (known != null && known.text.equals(text)) {
      return known.skill;
    }
    if (parsed.size() >= DIRECTORIES_MAX) {
      parsed.clear();
    }
    Skill skill = Skill.parse(name, text);
    parsed.put(name, new Parsed(text, skill));
    return skill;
  }

  /**
   * One line for each skill that these tools can follow. Empty when there is none.
   *
   * @param platform where the chat takes place, as {@link Channel#platform} names it
   */
  String summary(Set<String> tools, String platform) {
    List<String> lines =
        all().stream()
            .filter(skill -> skill.usableWith(tools) && skill.usableOn(platform))
            .map(Skill::line)
            .toList();
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
