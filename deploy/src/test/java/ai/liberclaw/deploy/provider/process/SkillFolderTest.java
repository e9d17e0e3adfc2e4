package ai.liberclaw.deploy.provider.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkillFolderTest {
  @TempDir Path data;
  AgentDirectory directory;
  Path skills;

  @BeforeEach
  void create() throws Exception {
    directory = new AgentDirectory(data.resolve("a"), UUID.randomUUID(), UUID.randomUUID());
    directory.create();
    skills = directory.workspace().resolve("skills");
  }

  @Test
  void c7ExactlyTheChosenSkillsAreThere() throws Exception {
    SkillFolder.sync(directory, Map.of("git", "v1", "sql", "v1"));
    SkillFolder.sync(directory, Map.of("git", "v2"));
    assertEquals("v2", Files.readString(skills.resolve("git/SKILL.md")));
    assertFalse(Files.exists(skills.resolve("sql")));
    SkillFolder.sync(directory, Map.of());
    assertFalse(Files.exists(skills.resolve("git")));
  }

  @Test
  void whatSomebodyEditedStaysAndIsReported() throws Exception {
    SkillFolder.sync(directory, Map.of("git", "v1", "sql", "v1"));
    Files.writeString(skills.resolve("git/SKILL.md"), "mine");
    Files.writeString(skills.resolve("sql/SKILL.md"), "mine too");
    List<String> edited = SkillFolder.sync(directory, Map.of("git", "v2"));
    assertEquals(List.of("git", "sql"), edited.stream().sorted().toList());
    assertEquals("mine", Files.readString(skills.resolve("git/SKILL.md")));
    assertEquals("mine too", Files.readString(skills.resolve("sql/SKILL.md")));
  }

  @Test
  void nothingIsWrittenThroughALinkOutOfTheWorkspace() throws Exception {
    Path outside = Files.createDirectory(data.resolve("outside"));
    Files.createDirectories(skills);
    Files.createSymbolicLink(skills.resolve("git"), outside);
    assertEquals(List.of("git"), SkillFolder.sync(directory, Map.of("git", "v1")));
    assertFalse(Files.exists(outside.resolve("SKILL.md")));
  }

  @Test
  void aDirectoryOfAnotherInstallationIsNeverWiped() throws Exception {
    AgentDirectory other =
        new AgentDirectory(directory.root(), directory.agentId(), UUID.randomUUID());
    org.junit.jupiter.api.Assertions.assertThrows(
        ai.liberclaw.deploy.provider.ProviderException.class, other::wipe);
    assertTrue(Files.exists(directory.workspace()));
    Path closed = Files.createDirectories(directory.workspace().resolve("closed/deep"));
    Files.setPosixFilePermissions(
        closed.getParent(), java.nio.file.attribute.PosixFilePermissions.fromString("---------"));
    directory.wipe();
    directory.wipe();
    assertFalse(Files.exists(directory.root()));
  }
}
