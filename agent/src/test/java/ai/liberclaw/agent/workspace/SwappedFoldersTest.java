package ai.liberclaw.agent.workspace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.CappedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tools can write in the workspace at any time: a folder that was one when it was looked at may be
 * a link to somebody else's when it is used. The server, which may be root, must not be led there.
 */
final class SwappedFoldersTest {
  private static final int ROUNDS = 400;

  @TempDir Path folder;
  private final List<Path> handedOver = new ArrayList<>();
  private Path outside;
  private Workspace workspace;

  @BeforeEach
  void open() throws IOException {
    outside = Files.createDirectories(folder.toRealPath().resolve("outside"));
    Files.writeString(outside.resolve("victim"), "precious");
    workspace =
        new Workspace(folder.resolve("workspace"), List.of(), (_, path) -> handedOver.add(path));
  }

  @Test
  void noFolderIsMadeOrGivenAwayWhereALinkLeads() throws IOException {
    // As resolved before the swap.
    Path resolved = workspace.root().resolve("a/b");
    Files.createSymbolicLink(workspace.root().resolve("a"), outside);
    assertThrows(WorkspaceRefusal.class, () -> workspace.makeFolders(resolved, "a/b"));
    assertTrue(Files.notExists(outside.resolve("b"), LinkOption.NOFOLLOW_LINKS));
    assertEquals(
        List.of(),
        handedOver.stream().filter(p -> p.startsWith(resolved.resolveSibling(""))).toList());
    assertArrayEquals(new String[] {"a"}, workspace.root().toFile().list());
  }

  @Test
  void noFileGetsTheModeOfADraftWhoseNameWasMadeALink() throws IOException {
    Path victim = outside.resolve("victim");
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-------"));
    Path target = Files.writeString(workspace.root().resolve("f"), "x");
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-rw-rw-"));
    try (Draft draft = workspace.draftFor("f")) {
      Path name;
      try (Stream<Path> files = Files.list(workspace.root())) {
        name = files.filter(p -> !p.equals(target)).findFirst().orElseThrow();
      }
      Files.delete(name);
      Files.createSymbolicLink(name, victim);
      assertThrows(WorkspaceRefusal.class, () -> draft.moveTo("f"));
    }
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(victim)));
  }

  @Test
  void nothingIsDeletedWhereALinkLeads() throws Exception {
    Path root = workspace.root();
    Files.createDirectories(root.resolve("downloads"));
    AtomicBoolean over = new AtomicBoolean();
    Thread swapping =
        Thread.ofPlatform()
            .start(() -> {
              while (!over.get()) {
                swap(root);
              }
            });
    CappedFolder downloads = new CappedFolder(workspace, "downloads", "*");
    for (int i = 0; i < ROUNDS; i++) {
      downloads.prune(Instant.MAX, 0, 0);
    }
    over.set(true);
    swapping.join();
    assertTrue(Files.exists(outside.resolve("victim")));
  }

  private void swap(Path root) {
    try {
      Files.move(root.resolve("downloads"), root.resolve("aside"), StandardCopyOption.ATOMIC_MOVE);
      Files.createSymbolicLink(root.resolve("downloads"), outside);
      Files.delete(root.resolve("downloads"));
      Files.move(root.resolve("aside"), root.resolve("downloads"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
