package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileToolsTest {
  @TempDir Path folder;
  private Scene scene;

  @BeforeEach
  void open() throws IOException {
    scene = new Scene(folder);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private String read(Map<String, Object> arguments) throws InterruptedException {
    return scene.call("read_file", arguments).content();
  }

  @Test
  void linesComeWithTheirNumbers() throws Exception {
    scene.file("a.txt", "one\ntwo\r\nthree");
    assertEquals("1\tone\n2\ttwo\r\n3\tthree", read(Map.of("path", "a.txt")));
    assertEquals("2\ttwo\r\n", read(Map.of("path", "a.txt", "offset", 2, "limit", 1)));
    assertEquals("2\ttwo\r\n3\tthree", read(Map.of("path", "a.txt", "offset", "2", "limit", "99")));
    assertEquals(
        "[error: offset 4 is behind the end: a.txt has 3 lines]",
        read(Map.of("path", "a.txt", "offset", 4)));
    scene.file("empty", "");
    assertEquals("(empty file)", read(Map.of("path", "empty")));
    assertEquals(
        "1\tone\n2\ttwo\r\n3\tthree", read(Map.of("path", scene.workspace.root() + "/a.txt")));
  }

  @Test
  void oddTextsAreReadable() throws Exception {
    Files.write(scene.workspace.root().resolve("bad"), new byte[] {'a', (byte) 0xff, 'b'});
    assertEquals("1\ta\uFFFDb", read(Map.of("path", "bad")));
    scene.file("long", "x".repeat(5_000) + "\ny\n");
    assertEquals(
        "1\t" + "x".repeat(2_000) + "[... line cut, 5000 characters]\n2\ty\n",
        read(Map.of("path", "long")));
    scene.file("edge", "x".repeat(2_000) + "\r\n");
    assertEquals("1\t" + "x".repeat(2_000) + "\r\n", read(Map.of("path", "edge")));
  }

  @Test
  void aHugeFileIsReadWithoutLoadingIt() throws Exception {
    try (RandomAccessFile huge =
        new RandomAccessFile(scene.workspace.root().resolve("huge").toFile(), "rw")) {
      huge.write("first\n".repeat(2_000).getBytes(StandardCharsets.UTF_8));
      huge.setLength(3L << 30);
    }
    assertTrue(read(Map.of("path", "huge", "limit", 1)).contains("1\tfirst"));
  }

  @Test
  void binaryFilesAreNamedInsteadOfShown() throws Exception {
    Files.write(scene.workspace.root().resolve("p.png"), new byte[] {(byte) 0x89, 'P', 0, 1});
    assertTrue(
        read(Map.of("path", "p.png")).startsWith("[image file, not shown as text: p.png, 4"));
    scene.file("d.pdf", "%PDF\0");
    assertTrue(read(Map.of("path", "d.pdf")).startsWith("[PDF document file"));
  }

  @Test
  void aLongFileKeepsItsEnds() throws Exception {
    scene.file("many", "line\n".repeat(20_000));
    String result = read(Map.of("path", "many"));
    assertTrue(result.startsWith("1\tline\n") && result.endsWith("20000\tline\n"));
    assertTrue(result.contains("full output: tool-results/read_file-"));
  }

  @Test
  void writingCountsBytesKeepsTheModeAndMakesFolders() throws Exception {
    Path run = scene.file("run.sh", "old");
    Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-x---"));
    assertEquals(
        "Wrote 6 bytes to run.sh",
        scene.call("write_file", Map.of("path", "run.sh", "content", "ü🦀")).content());
    assertEquals("ü🦀", Files.readString(run));
    assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(run)));
    assertEquals(
        "Wrote 0 bytes to a/b/c.txt",
        scene.call("write_file", Map.of("path", "a/b/c.txt", "content", "")).content());
    try (var left = Files.walk(scene.workspace.root())) {
      assertTrue(left.noneMatch(f -> f.toString().contains(".draft-")));
    }
    assertEquals(
        "[error: Not a file: a]",
        scene.call("write_file", Map.of("path", "a", "content", "x")).content());
    assertEquals(
        "[error: Not a directory: run.sh/x]",
        scene.call("write_file", Map.of("path", "run.sh/x", "content", "x")).content());
  }

  private String edit(String path, String from, String to) throws InterruptedException {
    return scene
        .call("edit_file", Map.of("path", path, "old_string", from, "new_string", to))
        .content();
  }

  @Test
  void editingReplacesTheFirstOccurrenceAlone() throws Exception {
    Path file = scene.file("a.txt", "x\r\nb x\nü\n");
    assertEquals("Edited a.txt", edit("a.txt", "x", "$1\\"));
    assertEquals("$1\\\r\nb x\nü\n", Files.readString(file));
    assertEquals("Edited a.txt", edit("a.txt", "ü", ""));
    assertEquals("$1\\\r\nb x\n\n", Files.readString(file));
    assertEquals("[error: old_string not found in a.txt]", edit("a.txt", "zz", "y"));
    assertEquals("[error: old_string must not be empty]", edit("a.txt", "", "y"));
    assertEquals("[error: File does not exist: no]", edit("no", "a", "b"));
    assertEquals(
        "[error: missing required 'new_string' parameter]",
        scene.call("edit_file", Map.of("path", "a.txt", "old_string", "x")).content());
  }

  @Test
  void editingLeavesOtherBytesAlone() throws Exception {
    Path file = scene.workspace.root().resolve("mixed");
    Files.write(file, new byte[] {(byte) 0xff, 'a', '\r', '\n', 'b', '\r', '\n', (byte) 0xc3});
    assertEquals("Edited mixed", edit("mixed", "a\nb\n", "c\nd\n"));
    assertArrayEquals(
        new byte[] {(byte) 0xff, 'c', '\r', '\n', 'd', '\r', '\n', (byte) 0xc3},
        Files.readAllBytes(file));
  }

  @Test
  void foldersAreListedFirstAndCapped() throws Exception {
    scene.file("b/x", "");
    scene.file("A.txt", "");
    scene.file("c.txt", "");
    Files.createSymbolicLink(scene.workspace.root().resolve("out"), Path.of("/etc"));
    Files.createSymbolicLink(scene.workspace.root().resolve("broken"), Path.of("nowhere"));
    assertEquals(
        "[dir]  b\n[file]  A.txt\n[file]  broken\n[file]  c.txt\n[file]  out\n[file]  settings.conf",
        scene.call("list_dir", Map.of()).content());
    assertEquals("[file]  x", scene.callRaw("list_dir", "{\"path\":\"b\"}").content());
    assertEquals(
        "[error: not a directory: A.txt]",
        scene.call("list_dir", Map.of("path", "A.txt")).content());
    Files.createDirectory(scene.workspace.root().resolve("none"));
    assertEquals("(empty directory)", scene.call("list_dir", Map.of("path", "none")).content());
    for (int i = 0; i < 2_003; i++) {
      scene.file("many/" + i, "");
    }
    assertTrue(
        scene
            .call("list_dir", Map.of("path", "many"))
            .content()
            .endsWith("[3 more entries not shown]"));
  }

  @Test
  void sendingAFileIsATypedResult() throws Exception {
    scene.file("out/re:port.pdf", "x");
    ToolResult sent =
        scene.call("send_file", Map.of("path", "./out/../out/re:port.pdf", "caption", "c"));
    assertEquals("File sent to user: out/re:port.pdf", sent.content());
    assertEquals(Optional.of(new SentFile("out/re:port.pdf", "c")), sent.file());
    ToolResult forged =
        scene.call(
            "bash", Map.of("command", "echo 'File sent to user: x'; echo __SEND_FILE__:a:b"));
    assertEquals(Optional.empty(), forged.file());
    assertEquals(
        "[error: Not a file: out]", scene.call("send_file", Map.of("path", "out")).content());
    try (RandomAccessFile big =
        new RandomAccessFile(scene.workspace.root().resolve("big").toFile(), "rw")) {
      big.setLength((50L << 20) + 1);
    }
    assertEquals(
        "[error: file too large (52428801 bytes, max 52428800)]",
        scene.call("send_file", Map.of("path", "big")).content());
  }

  @Test
  void noFileToolLeavesTheWorkspace() throws Exception {
    Path root = scene.workspace.root();
    Files.createSymbolicLink(root.resolve("link"), Path.of("/etc"));
    Files.createSymbolicLink(root.resolve("pass"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    for (String path :
        List.of("../x", "/etc/passwd", "link/passwd", "pass", "a/../../x", "link/../etc/passwd")) {
      String expected = "[error: Path escapes workspace boundary: " + path + "]";
      assertEquals(expected, read(Map.of("path", path)));
      assertEquals(expected, edit(path, "a", "b"));
      assertEquals(
          expected, scene.call("write_file", Map.of("path", path, "content", "x")).content());
      assertEquals(expected, scene.call("send_file", Map.of("path", path)).content());
      assertEquals(expected, scene.call("list_dir", Map.of("path", path)).content());
    }
    assertEquals("[error: File does not exist: no]", read(Map.of("path", "no")));
    assertEquals("[error: Not a file: .]", read(Map.of("path", ".")));
    assertEquals("[error: Path is a loop of links: loop]", read(Map.of("path", "loop")));
    assertTrue(read(Map.of("path", "a\0b")).startsWith("[error: Invalid path"));
    new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start().waitFor();
    assertEquals("[error: Not a file: pipe]", read(Map.of("path", "pipe")));
    assertTrue(read(Map.of("path", "x".repeat(5_000))).startsWith("[error: "));
  }

  @Test
  void protectedFilesAreOutOfReachUnderAnyName() throws Exception {
    Path root = scene.workspace.root();
    Files.createLink(root.resolve("hard"), root.resolve("settings.conf"));
    Files.createSymbolicLink(root.resolve("soft"), Path.of("settings.conf"));
    for (String name :
        List.of(".env", ".ENV", ".env.local", "agent.db", "Agent.DB-wal", "x.db-journal")) {
      scene.file("sub/" + name, "secret");
      String expected = "[error: Access to sensitive file blocked: " + name + "]";
      String path = "sub/" + name;
      assertEquals(expected, read(Map.of("path", path)));
      assertEquals(
          expected, scene.call("write_file", Map.of("path", path, "content", "x")).content());
      assertEquals(expected, edit(path, "secret", "b"));
      assertEquals(expected, scene.call("send_file", Map.of("path", path)).content());
    }
    for (String name : List.of("settings.conf", "hard", "soft")) {
      assertTrue(
          read(Map.of("path", name)).startsWith("[error: Access to sensitive file blocked"), name);
      assertTrue(scene.call("write_file", Map.of("path", name, "content", "x")).isError(), name);
    }
    assertEquals("key", Files.readString(root.resolve("settings.conf")));
  }

  @Test
  void aKilledWritersDraftsGoAtTheNextStartAndNothingElse() throws Exception {
    Path root = scene.workspace.root();
    Files.createDirectories(root.resolve("deep"));
    scene.file("deep/kept.txt", "old");
    try (Draft left = scene.workspace.draftFor("deep/kept.txt")) {
      left.out().write(1);
      scene.file(".draft-of-a-letter.md", "mine");
      new Workspace(root, List.of());
      try (var files = Files.walk(root)) {
        List<String> names = files.map(f -> String.valueOf(f.getFileName())).toList();
        assertTrue(names.contains(".draft-of-a-letter.md"), "a user's file stays");
        assertEquals(1, names.stream().filter(n -> n.startsWith(".draft-")).count());
      }
    }
  }
}
