package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.file.FileEditor;
import ai.liberclaw.agent.tool.file.ReadHashes;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Edits: only of what was seen, only where it is clear, all or nothing. */
final class EditToolsTest {
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

  private static ObjectNode edit(String path, String from, String to) {
    return Json.object().put("path", path).put("old_string", from).put("new_string", to);
  }

  private String read(String path) throws InterruptedException {
    return scene.say("read_file", Json.object().put("path", path));
  }

  @Test
  void aFileIsReadBeforeItIsEdited() throws Exception {
    Path file = scene.file("a.txt", "x\r\nb\nü\n");
    assertEquals(
        "[error: a.txt was not read in this turn; read it with read_file first, then repeat the"
            + " edit]",
        scene.say("edit_file", edit("a.txt", "x", "y")));
    read("a.txt");
    assertTrue(
        scene.say("other", "edit_file", edit("a.txt", "x", "y")).contains("was not read"),
        "another turn has not seen it");
    assertEquals("Edited a.txt", scene.say("edit_file", edit("a.txt", "x", "$1\\")));
    assertEquals("Edited a.txt", scene.say("edit_file", edit("a.txt", "ü", "")));
    assertEquals("$1\\\r\nb\n\n", Files.readString(file));
    Files.writeString(file, "other");
    assertEquals(
        "[error: a.txt has changed since you read it; read it again with read_file, then repeat"
            + " the edit]",
        scene.say("edit_file", edit("a.txt", "other", "y")));
    scene.say("write_file", Json.object().put("path", "a.txt").put("content", "new"));
    assertEquals("Edited a.txt", scene.say("edit_file", edit("a.txt", "new", "newer")));
    scene.file("b.txt", "b");
    scene.say("read_many_files", Json.parse("{\"paths\":[\"b.txt\"]}").deepCopy());
    assertEquals("Edited b.txt", scene.say("edit_file", edit("b.txt", "b", "c")));
  }

  @Test
  void theRightHashStandsForHavingRead() throws Exception {
    scene.file("a.txt", "x");
    String hash = ReadHashes.hash("x".getBytes(StandardCharsets.UTF_8));
    assertTrue(
        scene
            .say("edit_file", edit("a.txt", "x", "y").put("expected_hash", "0".repeat(64)))
            .startsWith("[error: a.txt does not have the expected_hash"));
    assertEquals(
        "Edited a.txt", scene.say("edit_file", edit("a.txt", "x", "y").put("expected_hash", hash)));
  }

  @Test
  void anUnclearPlaceIsNotGuessed() throws Exception {
    Path file = scene.file("a.txt", "aXbXcX");
    read("a.txt");
    assertEquals(
        "[error: old_string occurs 3 times in a.txt; add surrounding lines until it occurs once,"
            + " or set replace_all]",
        scene.say("edit_file", edit("a.txt", "X", "-")));
    assertEquals(
        "Edited a.txt (3 replacements)",
        scene.say("edit_file", edit("a.txt", "X", "--").put("replace_all", "true")));
    assertEquals("a--b--c--", Files.readString(file));
    assertEquals(
        "[error: old_string not found in a.txt]", scene.say("edit_file", edit("a.txt", "zz", "y")));
    assertTrue(
        scene
            .say("edit_file", edit("a.txt", "", "y"))
            .startsWith("[error: old_string must not be empty"));
    assertEquals(
        "[error: old_string and new_string are the same]",
        scene.say("edit_file", edit("a.txt", "a", "a")));
    assertEquals(
        "[error: missing required 'new_string' parameter]",
        scene.say("edit_file", Json.object().put("path", "a.txt").put("old_string", "x")));
  }

  @Test
  void otherBytesStayAsTheyAre() throws Exception {
    Path file = scene.workspace.root().resolve("mixed");
    Files.write(file, new byte[] {(byte) 0xff, 'a', '\r', '\n', 'b', '\r', '\n', (byte) 0xc3});
    read("mixed");
    assertEquals("Edited mixed", scene.say("edit_file", edit("mixed", "a\nb\n", "c\nd\n")));
    assertArrayEquals(
        new byte[] {(byte) 0xff, 'c', '\r', '\n', 'd', '\r', '\n', (byte) 0xc3},
        Files.readAllBytes(file));
  }

  @Test
  void binaryAndHugeFilesAreRefused() throws Exception {
    scene.file("b", "a\0b");
    assertTrue(
        scene.say("edit_file", edit("b", "a", "c")).startsWith("[error: b is a binary file"));
    try (RandomAccessFile huge =
        new RandomAccessFile(scene.workspace.root().resolve("huge").toFile(), "rw")) {
      huge.setLength(FileEditor.FILE_BYTES_MAX + 1L);
    }
    assertTrue(
        scene
            .say("edit_file", edit("huge", "a", "c"))
            .startsWith("[error: file too large to edit: huge (4194305 bytes, max 4194304)"));
  }

  private static ObjectNode edits(ObjectNode... edits) {
    ObjectNode all = Json.object();
    for (ObjectNode edit : edits) {
      all.withArray("edits").add(edit);
    }
    return all;
  }

  @Test
  void severalEditsAreMadeInOrder() throws Exception {
    Path a = scene.file("a", "one");
    Path b = scene.file("b", "bb");
    read("a");
    read("b");
    assertEquals(
        "1. Edited a\n2. Edited b (2 replacements)\n3. Edited ./a",
        scene.say(
            "multi_edit",
            edits(
                edit("a", "one", "two"),
                edit("b", "b", "c").put("replace_all", true),
                edit("./a", "two", "three"))));
    assertEquals("three", Files.readString(a));
    assertEquals("cc", Files.readString(b));
  }

  @Test
  void aFileChangesOnlyWhenAllItsEditsWereMade() throws Exception {
    Path a = scene.file("a", "one");
    Path b = scene.file("b", "b");
    Path c = scene.file("c", "c");
    for (String path : new String[] {"a", "b", "c"}) {
      read(path);
    }
    assertEquals(
        "1. Edited a\n2. [not written: a later edit of b was not made]\n"
            + "3. [error: old_string not found in c]\n4. [not tried]",
        scene.say(
            "multi_edit",
            edits(
                edit("a", "one", "two"),
                edit("b", "b", "bb"),
                edit("c", "zz", "y"),
                edit("b", "bb", "b3"))));
    assertEquals("two", Files.readString(a));
    assertEquals("b", Files.readString(b));
    assertEquals("c", Files.readString(c));
    assertEquals("Edited a", scene.say("edit_file", edit("a", "two", "x")));
  }

  @Test
  void w34FaultsInsideAListAreNamedByTheirPlace() throws Exception {
    assertEquals(
        "[error: missing required 'edits[0].new_string' parameter]",
        scene
            .callRaw("multi_edit", "{\"edits\":[{\"path\":\"a\",\"old_string\":\"x\"}]}")
            .content());
    assertEquals(
        "[error: parameter 'edits[1]' must be an object, not a number: 3]",
        scene
            .callRaw(
                "multi_edit",
                "{\"edits\":[{\"path\":\"a\",\"old_string\":\"x\",\"new_string\":\"\"},3]}")
            .content());
    assertEquals(
        "[error: parameter 'edits' must not be empty]",
        scene.callRaw("multi_edit", "{\"edits\":[]}").content());
    assertTrue(
        scene
            .callRaw(
                "multi_edit",
                "{\"edits\":\"[{\\\"path\\\":\\\"no\\\",\\\"old_string\\\":\\\"x\\\",\\\"new_string\\\":\\\"\\\"}]\"}")
            .content()
            .startsWith("1. [error: File does not exist: no]"),
        "a list in a text is taken for what it is");
    assertEquals(
        "[error: parameter 'mode' must be one of text, image, not \"x\"]",
        scene.callRaw("read_pdf", "{\"path\":\"a\",\"mode\":\"x\"}").content());
  }
}
