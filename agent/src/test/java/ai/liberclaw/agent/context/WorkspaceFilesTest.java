package ai.liberclaw.agent.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceFilesTest {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 21);

  @TempDir Path workspace;
  private MemoryFiles memory;
  private Skills skills;

  @BeforeEach
  void open() throws IOException {
    Files.createDirectories(workspace.resolve("memory"));
    memory = new MemoryFiles(workspace);
    skills = new Skills(workspace);
  }

  @Test
  void filesThatAreNotThereAreEmpty() {
    assertEquals("", memory.longTerm());
    assertEquals("", memory.daily(DAY));
    assertEquals("", skills.summary(Set.of(), "api"));
  }

  @Test
  void w27AFileIsReadAgainOnceItHasChanged() throws IOException {
    write("memory/MEMORY.md", "first");
    assertEquals("first", memory.longTerm());

    write("memory/MEMORY.md", "second, longer");
    assertEquals("second, longer", memory.longTerm());

    Path file = workspace.resolve("memory/MEMORY.md");
    FileTime before = Files.getLastModifiedTime(file);
    Files.writeString(file, "same length !!");
    Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1000));
    assertEquals("same length !!", memory.longTerm());

    Files.delete(file);
    assertEquals("", memory.longTerm());
  }

  @Test
  void w14BadBytesNeverFail() throws IOException {
    Files.write(workspace.resolve("memory/MEMORY.md"), new byte[] {'o', 'k', (byte) 0xFF, 0, '!'});

    assertEquals("ok\uFFFD!", memory.longTerm());
  }

  @Test
  void aDirectoryOrALinkOutOfTheWorkspaceIsNoMemory(@TempDir Path elsewhere) throws IOException {
    Files.createDirectory(workspace.resolve("memory/MEMORY.md"));
    assertEquals("", memory.longTerm());

    Path secret = Files.writeString(elsewhere.resolve("secret"), "KEY=1");
    Files.createSymbolicLink(workspace.resolve(MemoryFiles.dailyPath(DAY)), secret);
    assertEquals("", memory.daily(DAY));
  }

  @Test
  void aLinkToAProtectedFileIsNoMemory() throws IOException {
    write(".env", "KEY=1");
    Files.createDirectories(workspace.resolve("memory"));
    Files.createSymbolicLink(workspace.resolve("memory/MEMORY.md"), Path.of("../.env"));
    assertEquals("", memory.longTerm());
  }

  @Test
  void longTermMemoryKeepsItsStartAndSaysThatItWasCut() throws IOException {
    write("memory/MEMORY.md", "START" + "x".repeat(400_000));

    String text = memory.longTerm();
    assertEquals(MemoryFiles.LONG_TERM_CHARS_MAX, text.length());
    assertTrue(text.startsWith("STARTx"));
    assertTrue(text.endsWith("is not shown here; read_file shows it]"));
  }

  @Test
  void dailyNotesKeepTheirEndAndNoHalfCharacter() throws IOException {
    write(MemoryFiles.dailyPath(DAY), "🙂".repeat(50_000) + "the latest");

    String text = memory.daily(DAY);
    assertTrue(text.length() <= MemoryFiles.DAILY_CHARS_MAX);
    assertTrue(text.startsWith("[cut: the start of memory/2026-11-21.md"));
    assertTrue(text.endsWith("🙂the latest"));
    assertFalse(text.contains("\uFFFD"));
    assertEquals(
        text,
        new String(
            text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
            java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void skillsAreListedByDirectoryInBothForms() throws IOException {
    write("skills/zeta/SKILL.md", "# Zeta\n\nTells the weather.\nMore.");
    write(
        "skills/alpha/SKILL.md",
        """
        ---
        name: "Alpha One"
        description: >
          Finds things
          quickly
        requires_tools: [bash, 'web_fetch']
        platforms:
          - api
          - "telegram"
        ---
        # Alpha
        Body.
        """);
    write("skills/empty/notes.md", "no skill");

    assertEquals(
        """
        - Alpha One: Finds things quickly (skills/alpha/SKILL.md)
        - zeta: Tells the weather. (skills/zeta/SKILL.md)\
        """,
        skills.summary(Set.of("bash", "web_fetch"), "api"));
    Skill alpha = skills.all().getFirst();
    assertEquals(List.of("bash", "web_fetch"), alpha.requiresTools());
    assertEquals(List.of("api", "telegram"), alpha.platforms());
  }

  @Test
  void aSkillWhoseToolsAreMissingIsNotShown() throws IOException {
    write("skills/s/SKILL.md", "---\nrequires_tools: [web_search]\ndescription: d\n---\n");

    assertEquals("", skills.summary(Set.of("bash"), "api"));
  }

  @Test
  void frontMatterWithoutDescriptionFallsBackToTheBody() throws IOException {
    write("skills/s/SKILL.md", "---\nname: S\n---\n# Title\n\nThe first line.");
    write("skills/t/SKILL.md", "---\nname: never closed\n\nText.");

    assertEquals(
        "- S: The first line. (skills/s/SKILL.md)\n- t: name: never closed (skills/t/SKILL.md)",
        skills.summary(Set.of(), "api"));
  }

  @Test
  void aLongListOfSkillsIsCutWithTheNumberOfTheRest() throws IOException {
    for (int i = 0; i < 120; i++) {
      write("skills/s%03d/SKILL.md".formatted(i), "description ".repeat(10));
    }

    String summary = skills.summary(Set.of(), "api");
    assertTrue(summary.length() <= Skills.SUMMARY_CHARS_MAX);
    long shown = summary.lines().filter(line -> line.startsWith("- ")).count();
    assertTrue(
        summary.endsWith(
            "[cut: "
                + (120 - shown)
                + " more skills are not shown;"
                + " list_dir skills shows all]"),
        summary);
  }

  private void write(String path, String text) throws IOException {
    Path file = workspace.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
