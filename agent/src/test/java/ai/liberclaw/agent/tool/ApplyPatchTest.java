package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Patches: exact, all or nothing, and never out of the workspace. */
final class ApplyPatchTest {
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

  private String patch(String... lines) throws InterruptedException {
    return scene.say("apply_patch", Json.object().put("patch", String.join("\n", lines) + "\n"));
  }

  private Path at(String name) {
    return scene.workspace.root().resolve(name);
  }

  @Test
  void linesAreChangedWhereTheyAre() throws Exception {
    Path file = scene.file("a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
    assertEquals(
        "Patch applied",
        patch(
            "--- a/a.txt",
            "+++ b/a.txt",
            "@@ -1,3 +1,3 @@",
            " 1",
            "-2",
            "+zwei",
            " 3",
            "@@ -6,3 +6,4 @@ somewhere",
            " 6",
            " 7",
            "+7.5",
            " 8"));
    assertEquals("1\nzwei\n3\n4\n5\n6\n7\n7.5\n8\n", Files.readString(file));
    assertEquals(
        "Edited a.txt",
        scene.say(
            "edit_file",
            Json.object().put("path", "a.txt").put("old_string", "zwei").put("new_string", "2")),
        "a turn has seen what it patched");
  }

  @Test
  void lineNumbersMayBeOff() throws Exception {
    Path file = scene.file("a.txt", "new\nnew\nx\na\nb\nc\n");
    assertEquals(
        "Patch applied",
        patch("--- a.txt", "+++ a.txt", "@@ -40,3 +40,3 @@", " a", "-b", "+B", " c"));
    assertEquals("new\nnew\nx\na\nB\nc\n", Files.readString(file));
  }

  @Test
  void contextIsNotGuessed() throws Exception {
    Path file = scene.file("a.txt", "a\nb\nc\n");
    assertEquals(
        "[error: hunk 1 ('@@ -1,3 +1,3 @@') does not fit a.txt: line 2 of the file is 'b', but the"
            + " patch expects 'x'; read the file again and make the patch from its present"
            + " content]",
        patch("--- a/a.txt", "+++ b/a.txt", "@@ -1,3 +1,3 @@", " a", " x", "-c", "+d"));
    assertEquals("a\nb\nc\n", Files.readString(file));
  }

  @Test
  void filesAreMadeDeletedRenamedAndCopied() throws Exception {
    scene.file("old.txt", "bye\n");
    scene.file("from.sh", "echo 1\n");
    assertTrue(at("from.sh").toFile().setExecutable(true));
    assertEquals(
        "Patch applied",
        patch(
            "diff --git a/dir/new.txt b/dir/new.txt",
            "new file mode 100755",
            "index 0000000..1234567",
            "--- /dev/null",
            "+++ b/dir/new.txt",
            "@@ -0,0 +1,2 @@",
            "+one",
            "+two",
            "\\ No newline at end of file",
            "diff --git a/old.txt b/old.txt",
            "deleted file mode 100644",
            "--- a/old.txt",
            "+++ /dev/null",
            "@@ -1 +0,0 @@",
            "-bye",
            "diff --git a/from.sh b/copy.sh",
            "similarity index 100%",
            "copy from from.sh",
            "copy to copy.sh",
            "diff --git a/empty b/empty",
            "new file mode 100644"));
    assertEquals("one\ntwo", Files.readString(at("dir/new.txt")));
    assertTrue(Files.isExecutable(at("dir/new.txt")) && Files.isExecutable(at("copy.sh")));
    assertFalse(Files.exists(at("old.txt")));
    assertEquals("", Files.readString(at("empty")));
    assertEquals(
        "Patch applied",
        patch(
            "diff --git a/from.sh b/to.sh",
            "similarity index 50%",
            "rename from from.sh",
            "rename to to.sh",
            "--- a/from.sh",
            "+++ b/to.sh",
            "@@ -1 +1 @@",
            "-echo 1",
            "+echo 2"));
    assertEquals("echo 2\n", Files.readString(at("to.sh")));
    assertTrue(Files.isExecutable(at("to.sh")) && !Files.exists(at("from.sh")));
    assertEquals(
        "Patch applied", patch("diff --git a/to.sh b/to.sh", "old mode 100755", "new mode 100644"));
    assertFalse(Files.isExecutable(at("to.sh")));
  }

  @Test
  void lineEndsAndTheLastLineAreForgiven() throws Exception {
    Path crlf = scene.file("crlf", "a\r\nb\r\nc\r\n");
    Path open = scene.file("open", "a\nb");
    assertEquals(
        "Patch applied",
        patch(
            "--- a/crlf",
            "+++ b/crlf",
            "@@ -1,3 +1,3 @@",
            " a",
            "-b",
            "+B",
            " c",
            "--- a/open",
            "+++ b/open",
            "@@ -1,2 +1,3 @@",
            " a",
            " b",
            "+c"));
    assertEquals("a\r\nB\r\nc\r\n", Files.readString(crlf));
    assertEquals("a\nb\nc\n", Files.readString(open));
  }

  @Test
  void nothingIsAppliedWhenAPartDoesNotFit() throws Exception {
    scene.file("a", "a\n");
    scene.file("b", "b\n");
    assertTrue(
        patch(
                "--- a/a",
                "+++ b/a",
                "@@ -1 +1 @@",
                "-a",
                "+A",
                "--- a/b",
                "+++ b/b",
                "@@ -1 +1 @@",
                "-x",
                "+B")
            .startsWith("[error: hunk 1 ('@@ -1 +1 @@') does not fit b: line 1"));
    assertEquals("a\n", Files.readString(at("a")));
    try (var left = Files.list(scene.workspace.root())) {
      assertTrue(left.noneMatch(f -> f.getFileName().toString().startsWith(".draft")));
    }
  }

  @Test
  void aModelIsToldWhatIsWrongWithItsPatch() throws Exception {
    scene.file("a", "a\nb\n");
    Map<List<String>, String> faults =
        Map.of(
            List.of("--- a/a", "+++ b/a", "@@ -1,1 +1,1 @@", " a", "-b", "+c"),
            "the counts of hunk '@@ -1,1 +1,1 @@' are wrong: it holds 2 old and 2 new lines",
            List.of("--- a/a", "+++ b/a", "@@ -1,9 +1,9 @@", " a"),
            "it holds 1 old and 1 new lines",
            List.of("@@ -1 +1 @@", "-a", "+b"),
            "belongs to no file",
            List.of("--- a/a", "+++ b/a", "@@ here @@", "-a"),
            "is no hunk header",
            List.of("*** Begin Patch", "*** Update File: a"),
            "not a unified diff",
            List.of("hello"),
            "the patch changes nothing",
            List.of("--- a/no", "+++ b/no", "@@ -1 +1 @@", "-a", "+b"),
            "File does not exist: no",
            List.of("--- /dev/null", "+++ b/a", "@@ -0,0 +1 @@", "+x"),
            "a exists already",
            List.of("--- a/a", "+++ /dev/null", "@@ -1 +0,0 @@", "-a"),
            "without removing all its lines",
            List.of("--- a/a", "+++ b/b", "@@ -1 +1 @@", "-a", "+b"),
            "to rename a file, begin with");
    for (Map.Entry<List<String>, String> fault : faults.entrySet()) {
      String result = patch(fault.getKey().toArray(String[]::new));
      assertTrue(
          result.startsWith("[error: ") && result.contains(fault.getValue()),
          () -> fault.getKey() + " -> " + result);
    }
    assertEquals("a\nb\n", Files.readString(at("a")));
  }

  @Test
  void w19NoHeaderLeadsOutOfTheWorkspace() throws Exception {
    scene.file("a", "a\n");
    scene.file("sub/x", "a\n");
    Files.createSymbolicLink(at("out"), folder);
    Files.createSymbolicLink(at("in"), Path.of("sub"));
    String change = "@@ -1 +1 @@\n-a\n+b";
    String made = "--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+x";
    List<String> patches =
        List.of(
            String.format(made, "../x"),
            String.format(made, "out/x"),
            String.format(made, "/tmp/liberclaw-patched"),
            String.format(made, ".env"),
            String.format(made, "settings.conf"),
            String.format(made, "in/y"),
            "--- a/settings.conf\n+++ b/settings.conf\n@@ -1 +1 @@\n-key\n+x",
            "--- a/in/x\n+++ b/in/x\n" + change,
            "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc",
            "diff --git a/m b/m\nnew file mode 160000\n--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+x",
            "diff --git a/a b/a\nold mode 100644\nnew mode 120000",
            "diff --git a/a b/a\nold mode 100644\nnew mode 104755",
            "diff --git a/a b/a\nindex 1234567..1234568 120000\n--- a/a\n+++ b/a\n" + change,
            "diff --git a/a b/../../x\nrename from a\nrename to ../../x",
            "diff --git a/a b/b\nrename from a\nrename to b\n--- a/a\n+++ b/c\n" + change,
            "diff --git a/a b/b\ncopy from out/data/agent.db\ncopy to b",
            "diff --git a/a b/b\ncopy from settings.conf\ncopy to b",
            "diff --git a/a b/b\nrename from a\nrename to .env",
            "diff --git a/p.png b/p.png\nGIT binary patch\nliteral 3\nKcmZQz",
            "--- \"a/\\056\\056/x\"\n+++ \"b/\\056\\056/x\"\n" + change);
    for (String patch : patches) {
      assertTrue(patch(patch).startsWith("[error: "), patch);
    }
    assertEquals("a\n", Files.readString(at("a")));
    assertEquals("a\n", Files.readString(at("sub/x")));
    assertEquals("key", Files.readString(at("settings.conf")));
    assertFalse(Files.exists(at("b")) || Files.exists(folder.resolve("x")));
  }
}
