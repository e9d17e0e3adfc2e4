package ai.liberclaw.deploy.provider.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AgentReleaseTest {
  @TempDir Path folder;
  private Path library;

  @BeforeEach
  void build() throws Exception {
    library = Files.createDirectory(folder.resolve("lib")).resolve("core.jar");
    for (Path jar : List.of(folder.resolve("agent.jar"), library)) {
      Files.createFile(jar);
      Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000));
    }
  }

  private long caches() {
    return new AgentRelease(folder)
        .command(List.of()).stream().filter(word -> word.startsWith("-XX:AOTCache=")).count();
  }

  @Test
  void aCacheOfTheseJarsIsUsed() throws Exception {
    assertEquals(0, caches());
    Path cache = Files.createFile(folder.resolve("agent.aot"));
    Files.setLastModifiedTime(cache, FileTime.fromMillis(2_000));
    assertEquals(1, caches());
  }

  @Test
  void aCacheFromBeforeTheLastBuildIsNot() throws Exception {
    Path cache = Files.createFile(folder.resolve("agent.aot"));
    Files.setLastModifiedTime(cache, FileTime.fromMillis(2_000));
    Files.setLastModifiedTime(library, FileTime.fromMillis(3_000));
    assertEquals(0, caches());
  }
}
