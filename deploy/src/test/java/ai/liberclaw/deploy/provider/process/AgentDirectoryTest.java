package ai.liberclaw.deploy.provider.process;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.provider.ProviderException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentDirectoryTest {
  @TempDir Path data;

  @Test
  void whateverToolsLeftIsDeletedAndNothingOutsideIt() throws Exception {
    AgentDirectory directory = directory(UUID.randomUUID());
    directory.create();
    Path outside = Files.createDirectories(data.resolve("outside"));
    Files.writeString(outside.resolve("kept"), "x");
    Files.createSymbolicLink(directory.workspace().resolve("link"), outside);
    Path closed = Files.createDirectory(directory.workspace().resolve("closed"));
    Files.createFile(closed.resolve("file"));
    Files.setPosixFilePermissions(closed, java.util.Set.of());
    // Two trees, one below the other: deeper than a path may be long.
    Path upper = directory.workspace().resolve("upper");
    Path lower = directory.workspace().resolve("lower");
    String deep = "a-rather-long-name/".repeat(150);
    Files.createDirectories(upper.resolve(deep));
    Files.createFile(Files.createDirectories(lower.resolve(deep)).resolve("bottom"));
    Files.move(lower, upper.resolve(deep).resolve("lower"));

    directory.wipe();
    assertFalse(Files.exists(directory.root()));
    assertTrue(Files.exists(outside.resolve("kept")));
    directory.wipe();
  }

  @Test
  void anotherInstallationsDirectoryIsLeftAlone() throws Exception {
    AgentDirectory theirs = directory(UUID.randomUUID());
    theirs.create();
    AgentDirectory ours = new AgentDirectory(theirs.root(), theirs.agentId(), UUID.randomUUID());
    assertThrows(ProviderException.class, ours::wipe);
    assertTrue(Files.exists(theirs.workspace()));
  }

  private AgentDirectory directory(UUID installation) {
    UUID agent = UUID.randomUUID();
    return new AgentDirectory(data.resolve(agent.toString()), agent, installation);
  }
}
