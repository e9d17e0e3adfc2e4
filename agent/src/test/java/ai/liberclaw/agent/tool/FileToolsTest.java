package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
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
    scene.file("d.bin", "text all the same");
    scene.file("nul", "a\0b");
    scene.file("control", "\u0001\u0002\u0003\u0004 and so on");
    for (String name : List.of("d.bin", "nul", "control")) {
      assertTrue(
          read(Map.of("path", name)).startsWith("[binary file, not shown as text: " + name + ", "),
          name);
    }
    scene.file("d.pdf", "%PDF-1.7\0");
    assertEquals(
        "[PDF document, not shown as text: d.pdf, 9 bytes. Read it with read_pdf.]",
        read(Map.of("path", "d.pdf")));
    scene.file("bin", "no extension");
    assertEquals("1\tno extension", read(Map.of("path", "bin")));
  }

  @Test
  void aPictureIsShownToTheModel() throws Exception {
    BufferedImage picture = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    ImageIO.write(picture, "png", scene.workspace.root().resolve("p.png").toFile());
    ToolResult shown = scene.call("read_file", Map.of("path", "p.png"));
    assertEquals("[Read image: p.png]", shown.content());
    assertEquals("image/png", shown.images().getFirst().mediaType());
    scene.file("text.png", "no picture");
    ToolResult none = scene.call("read_file", Map.of("path", "text.png"));
    assertTrue(none.isError() && none.content().startsWith("[error: text.png cannot be shown: "));
  }

  @Test
  void severalFilesAreReadAtOnceAndALongOneLeavesRoom() throws Exception {
    scene.file("a", "one\ntwo\n");
    scene.file("long", "line\n".repeat(20_000));
    scene.file("z", "");
    assertEquals(
        "== a ==\n2\ttwo\n\n== no ==\n[error: File does not exist: no]\n\n== z ==\n(empty file)",
        scene
            .callRaw("read_many_files", "{\"paths\":[\"a\",\"no\",\"z\"],\"offset\":\"2\"}")
            .content());
    String many = scene.callRaw("read_many_files", "{\"paths\":[\"long\",\"a\"]}").content();
    assertTrue(many.length() < 30_000 && many.endsWith("== a ==\n1\tone\n2\ttwo"), "all fit");
    assertTrue(many.contains("[cut: long goes on at line "));
    String paths = "\"a\",".repeat(21);
    assertEquals(
        "[error: parameter 'paths' has 21 entries (max 20); make several calls]",
        scene
            .callRaw(
                "read_many_files", "{\"paths\":[" + paths.substring(0, paths.length() - 1) + "]}")
            .content());
    assertEquals(
        "[error: parameter 'paths' must be an array, not a string: \"a\"]",
        scene.callRaw("read_many_files", "{\"paths\":\"a\"}").content());
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
