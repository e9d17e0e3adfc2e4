package ai.liberclaw.agent.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.workspace.Workspace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was kept comes back, what came since goes, what is out of bounds stays. */
final class CheckpointsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  @TempDir Path folder;
  private Workspace workspace;
  private Checkpoints checkpoints;

  @BeforeEach
  void open() throws IOException {
    Path database = folder.resolve("workspace/state.sqlite");
    workspace = new Workspace(folder.resolve("workspace"), List.of(database));
    Files.writeString(database, "rows");
    checkpoints = at(NOW);
  }

  private Checkpoints at(Instant time) {
    return new Checkpoints(
        workspace, folder.resolve("data/checkpoints"), Clock.fixed(time, ZoneOffset.UTC));
  }

  private Path file(String name, String content) throws IOException {
    Path path = workspace.root().resolve(name);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, content);
  }

  private Map<String, String> contents() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(workspace.root())) {
      for (Path file :
          files.filter(f -> !Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS)).toList()) {
        all.put(
            workspace.root().relativize(file).toString(),
            Files.isSymbolicLink(file)
                ? "-> " + Files.readSymbolicLink(file)
                : Files.size(file) > 1_000 ? "large" : Files.readString(file));
      }
    }
    return all;
  }

  @Test
  void w19bARestoreBringsBackExactlyWhatWas() throws Exception {
    file("a.txt", "one");
    file("sub/b.txt", "two");
    Files.createSymbolicLink(workspace.root().resolve("link"), Path.of("a.txt"));
    assertTrue(file("run.sh", "x").toFile().setExecutable(true));
    file("becomes-folder", "file");
    file("was/deep/c", "c");
    Map<String, String> before = contents();
    Checkpoint made = checkpoints.create("first\nline").orElseThrow();
    assertEquals("first line", made.message());

    file("a.txt", "changed");
    Files.delete(workspace.root().resolve("sub/b.txt"));
    Files.delete(workspace.root().resolve("link"));
    file("link", "a file now");
    assertTrue(workspace.root().resolve("run.sh").toFile().setExecutable(false));
    Files.delete(workspace.root().resolve("becomes-folder"));
    file("becomes-folder/inner", "x");
    file("new/deep/file", "new");
    Files.delete(workspace.root().resolve("was/deep/c"));
    Files.delete(workspace.root().resolve("was/deep"));
    Files.createSymbolicLink(workspace.root().resolve("was/deep"), Path.of("../sub"));
    Map<String, String> changed = contents();

    Checkpoints.Restored done = checkpoints.restore(made.shortId());
    assertEquals(List.of(), done.problems());
    assertEquals(before, contents());
    assertTrue(Files.isExecutable(workspace.root().resolve("run.sh")));
    assertFalse(Files.exists(workspace.root().resolve("new")), "emptied folders go too");

    Checkpoints.Restored undone = checkpoints.restore(done.previous().id());
    assertEquals(List.of(), undone.problems());
    assertEquals(changed, contents(), "the state before a restore is kept");
  }

  @Test
  void nothingChangedIsNoCheckpoint() throws Exception {
    assertTrue(checkpoints.create("empty").isPresent());
    file("a", "1");
    assertTrue(checkpoints.create("a").isPresent());
    assertEquals(Optional.empty(), checkpoints.create("again"));
    file("a", "2");
    assertTrue(checkpoints.create("same size, same second").isPresent());
    assertEquals(
        List.of("same size, same second", "a", "empty"),
        checkpoints.newest(10).stream().map(Checkpoint::message).toList());
  }

  @Test
  void protectedHeavyAndForeignFilesAreNeitherKeptNorTouched() throws Exception {
    file(".env", "KEY=1");
    file("sub/.git/HEAD", "ref");
    file(".baal-history/config", "[core]");
    file("node_modules/x/y.js", "1");
    Files.createLink(workspace.root().resolve("hard"), workspace.root().resolve("state.sqlite"));
    try (RandomAccessFile big =
        new RandomAccessFile(workspace.root().resolve("big").toFile(), "rw")) {
      big.setLength(Scan.FILE_BYTES_MAX + 1);
    }
    file("grows", "small");
    Checkpoint made = checkpoints.create("").orElseThrow();
    for (String name : List.of(".env", "sub/.git/HEAD", ".baal-history/config", "state.sqlite")) {
      file(name, "other");
    }
    file("node_modules/x/y.js", "2");
    file("node_modules/new.js", "2");
    try (RandomAccessFile big =
        new RandomAccessFile(workspace.root().resolve("grows").toFile(), "rw")) {
      big.setLength(Scan.FILE_BYTES_MAX + 1);
    }
    Map<String, String> present = contents();
    Checkpoints.Restored done = checkpoints.restore(made.id());
    assertEquals(present, contents());
    assertEquals(0, done.removed() + done.written());
    assertEquals(1, done.problems().size());
    assertTrue(done.problems().getFirst().startsWith("grows: left as it is (over 20971520 bytes"));
    try (Stream<Path> kept = Files.walk(folder.resolve("data"))) {
      assertTrue(
          kept.filter(Files::isRegularFile).allMatch(f -> f.toFile().length() < 10_000),
          "nothing large is kept");
    }
  }

  @Test
  void aDiffCountsLines() throws Exception {
    file("a.txt", "1\n2\n3\n4\n");
    file("gone", "x\n");
    file("bin", "a\0b");
    Checkpoint made = checkpoints.create("").orElseThrow();
    assertEquals("", checkpoints.diff(made.id()));
    file("a.txt", "1\n3\nfour\n4\nfive\n");
    Files.delete(workspace.root().resolve("gone"));
    file("bin", "a\0bc");
    file("new", "n\n");
    assertEquals(
        """
        a.txt | +2 -1
        bin | 3 bytes -> 4 bytes
        gone | +0 -1 (deleted)
        new | +1 -0 (new)
        4 files changed, 3 lines added, 2 removed\
        """,
        checkpoints.diff(made.id()));
  }

  @Test
  void oldOnesAreDroppedWithWhatOnlyTheyNeed() throws Exception {
    file("a", "old content");
    Checkpoint old = checkpoints.create("old").orElseThrow();
    file("a", "middle content");
    at(NOW.plus(Duration.ofDays(20))).create("middle");
    file("a", "new content");
    Checkpoints later = at(NOW.plus(Duration.ofDays(31)));
    later.create("new");
    assertEquals(
        List.of("new", "middle"), later.newest(10).stream().map(Checkpoint::message).toList());
    assertThrows(CheckpointFault.class, () -> later.restore(old.id()));
    try (Stream<Path> kept = Files.walk(folder.resolve("data/checkpoints/contents"))) {
      // Two contents, and none for what is protected.
      assertEquals(2, kept.filter(Files::isRegularFile).count());
    }
  }

  @Test
  void anIdIsHexAndUnique() throws Exception {
    assertTrue(checkpoints.create("").isPresent());
    for (String id :
        List.of("", "abc", "../../x", "--output=x", "ABCDEF12", "zzzz", "0".repeat(64))) {
      CheckpointFault fault =
          assertThrows(CheckpointFault.class, () -> checkpoints.restore(id), id);
      assertEquals(CheckpointFault.Kind.UNKNOWN, fault.kind());
    }
  }

  @Test
  void damageIsSaidAndDoesNoHarm() throws Exception {
    Path file = file("a", "first");
    Checkpoint made = checkpoints.create("").orElseThrow();
    file("a", "second");
    try (Stream<Path> kept = Files.walk(folder.resolve("data/checkpoints/contents"))) {
      for (Path content : kept.filter(Files::isRegularFile).toList()) {
        Files.write(content, new byte[] {1, 2, 3});
      }
    }
    Checkpoints.Restored done = checkpoints.restore(made.id());
    assertTrue(done.problems().getFirst().startsWith("a: could not be restored ("));
    assertEquals("second", Files.readString(file));
    try (Stream<Path> kept = Files.list(folder.resolve("data/checkpoints"))) {
      for (Path list : kept.filter(Files::isRegularFile).toList()) {
        Files.write(list, new byte[] {1, 2, 3});
      }
    }
    assertEquals(List.of(), checkpoints.newest(10));
    assertTrue(checkpoints.create("after damage").isPresent());
  }

  @Test
  void changedLinesAreCountedInTimeAlsoForHostileTexts() {
    assertEquals(new LineChanges(0, 0), LineChanges.between("a\nb\n", "a\nb\n"));
    assertEquals(new LineChanges(1, 1), LineChanges.between("a\nb\nc\n", "a\nx\nc\n"));
    assertEquals(new LineChanges(2, 0), LineChanges.between("", "a\nb"));
    String odd =
        Stream.iterate(0, i -> i + 1).limit(20_000).map(i -> "o" + i + "\n").reduce("", (a, b) -> b)
            + "x\n".repeat(20_000);
    String even = "y\n".repeat(20_000);
    assertEquals(new LineChanges(20_000, 20_001), LineChanges.between(odd, even));
  }
}
