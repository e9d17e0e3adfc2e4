package ai.liberclaw.agent.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceTemplateTest {
  private static final Set<String> TOOLS =
      Set.of("bash", "read_file", "write_file", "edit_file", "web_fetch");

  @TempDir Path workspace;

  @Test
  void aNewWorkspaceGetsAMemoryAndThreeSkills() throws IOException {
    Path fresh = workspace.resolve("not/yet/there");

    WorkspaceTemplate.copyTo(fresh);

    assertTrue(new MemoryFiles(fresh).longTerm().startsWith("# Long-term memory"));
    List<Skill> skills = new Skills(fresh).all();
    assertEquals(
        List.of("memory-management", "weather", "web-research"),
        skills.stream().map(Skill::name).toList());
    assertTrue(skills.stream().allMatch(skill -> skill.usableWith(TOOLS)));
    try (Stream<Path> files = Files.list(fresh)) {
      assertEquals(
          List.of("memory", "skills"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void whatIsThereIsNotTouched() throws IOException {
    Files.createDirectories(workspace.resolve("memory"));
    Files.writeString(workspace.resolve("memory/MEMORY.md"), "mine");
    Files.createDirectories(workspace.resolve("skills/own"));

    WorkspaceTemplate.copyTo(workspace);

    assertEquals("mine", Files.readString(workspace.resolve("memory/MEMORY.md")));
    assertFalse(Files.exists(workspace.resolve("skills/weather")));
  }

  @Test
  void aFolderThatWasMadeAnythingElseIsLeftAlone(@TempDir Path elsewhere) throws IOException {
    Files.createDirectories(workspace.resolve("skills"));
    Path memory = workspace.resolve("memory");
    for (Path to : List.of(elsewhere, Path.of("nowhere"))) {
      Files.createSymbolicLink(memory, to);
      WorkspaceTemplate.copyTo(workspace);
      Files.delete(memory);
    }
    Files.writeString(memory, "a file");
    WorkspaceTemplate.copyTo(workspace);
    assertFalse(Files.exists(elsewhere.resolve("MEMORY.md")));
  }

  @Test
  void aSkillThatWasDeletedDoesNotComeBack() throws IOException {
    WorkspaceTemplate.copyTo(workspace);
    Files.delete(workspace.resolve("skills/weather/SKILL.md"));
    Files.delete(workspace.resolve("skills/weather"));

    WorkspaceTemplate.copyTo(workspace);

    assertFalse(Files.exists(workspace.resolve("skills/weather")));
  }

  @Test
  void aStartThatWasCutOffIsMadeGood() throws IOException {
    Files.createDirectories(workspace.resolve(".skills-new/weather"));
    Files.writeString(workspace.resolve(".skills-new/weather/SKILL.md"), "half");

    WorkspaceTemplate.copyTo(workspace);

    assertEquals(3, new Skills(workspace).all().size());
    assertTrue(Files.readString(workspace.resolve("skills/weather/SKILL.md")).contains("wttr.in"));
    assertFalse(Files.exists(workspace.resolve(".skills-new")));
  }
}
