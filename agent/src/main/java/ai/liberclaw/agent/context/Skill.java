package ai.liberclaw.agent.context;

import java.util.List;
import java.util.Set;

/**
 * What is told of one skill; its full text is read when needed.
 *
 * @param path of its SKILL.md, relative to the workspace
 * @param requiresTools names of tools without which it is of no use
 * @param platforms where it makes sense; empty means everywhere
 */
record Skill(
    String name,
    String description,
    String path,
    List<String> requiresTools,
    List<String> platforms) {
  private static final int NAME_CHARS_MAX = 80;
  private static final int DESCRIPTION_CHARS_MAX = 300;

  Skill {
    name = Texts.oneLine(name, NAME_CHARS_MAX);
    description = Texts.oneLine(description, DESCRIPTION_CHARS_MAX);
    requiresTools = List.copyOf(requiresTools);
    platforms = List.copyOf(platforms);
  }

  /**
   * Reads a SKILL.md: with front matter between two lines {@code ---}, or in the older form, where
   * the first line that is no heading describes it.
   *
   * @param directory names the skill when the text does not
   */
  static Skill parse(String directory, String text) {
    List<String> lines = text.lines().toList();
    FrontMatter front = FrontMatter.of(lines);
    String description = front.text("description");
    if (description.isBlank()) {
      description = firstPlainLine(lines.subList(front.bodyStart(), lines.size()));
    }
    String name = front.text("name");
    return new Skill(
        name.isBlank() ? directory : name,
        description,
        "skills/" + directory + "/SKILL.md",
        front.list("requires_tools"),
        front.list("platforms"));
  }

  boolean usableWith(Set<String> tools) {
    return tools.containsAll(requiresTools);
  }

  boolean usableOn(String platform) {
    return platforms.isEmpty() || platforms.stream().anyMatch(platform::equalsIgnoreCase);
  }

  String line() {
    return "- " + name + ": " + (description.isEmpty() ? "" : description + " ") + "(" + path + ")";
  }

  private static String firstPlainLine(List<String> lines) {
    return lines.stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#") && !line.equals("---"))
        .findFirst()
        .orElse("");
  }
}
