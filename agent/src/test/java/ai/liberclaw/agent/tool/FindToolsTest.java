package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.grep.Grep;
import ai.liberclaw.agent.tool.grep.GrepQuery;
import ai.liberclaw.agent.tool.grep.GrepResult;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** glob and grep. */
final class FindToolsTest {
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

  private String glob(String pattern) throws InterruptedException {
    return scene.say("glob", Json.object().put("pattern", pattern));
  }

  private void file(String name, int age) throws IOException {
    Files.setLastModifiedTime(scene.file(name, "x"), FileTime.fromMillis(1_000_000 - age));
  }

  @Test
  void namesAreFoundNewestFirst() throws Exception {
    file("a.md", 3);
    file("b.md", 1);
    file("src/c.md", 2);
    file("src/deep/d.md", 4);
    file(".hidden/e.md", 0);
    file("src/.f.md", 0);
    file("src/x.java", 5);
    assertEquals("b.md\na.md", glob("*.md"));
    assertEquals("b.md\nsrc/c.md\na.md\nsrc/deep/d.md", glob("**/*.md"));
    assertEquals("src/c.md\nsrc/deep/d.md", glob("src/**/*.md"));
    assertEquals("src/deep/d.md", glob("src/*/*.md"));
    assertEquals(".hidden/e.md", glob(".*/*.md"));
    assertEquals("src/.f.md", glob("**/.f.*"));
    assertEquals("src/c.md\nsrc/x.java", glob("src/{c.md,?.java}"));
    assertEquals("b.md", glob("[!ac].md"));
    assertEquals("src/deep/", glob("*/deep"));
    assertEquals("(no matches)", glob("*.none"));
    assertEquals("(no matches)", glob("settings.conf"));
    assertEquals(
        "src/deep/d.md",
        scene.say("glob", Json.object().put("pattern", "**/*.md").put("path", "src/deep")));
    assertEquals(
        "b.md\n[3 older ones not shown]",
        scene.say("glob", Json.object().put("pattern", "**/*.md").put("limit", 1)));
    assertTrue(glob("../*").startsWith("[error: the pattern must not hold '..'"));
    assertTrue(glob("/etc/*").startsWith("[error: Path escapes workspace boundary"));
    assertEquals("b.md\na.md", glob(scene.workspace.root() + "/*.md"));
  }

  @Test
  void aHostilePatternOrTreeEnds() throws Exception {
    scene.file("a".repeat(200), "");
    Files.createSymbolicLink(scene.workspace.root().resolve("loop"), Path.of("."));
    Files.createSymbolicLink(scene.workspace.root().resolve("etc"), Path.of("/etc"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          assertEquals("(no matches)", glob("*a".repeat(100) + "b"));
          assertEquals("(no matches)", glob("**/a*/".repeat(100) + "b"));
          assertTrue(glob("{a,b}".repeat(30)).startsWith("[error: the pattern has more than 100"));
          assertEquals("(no matches)", glob("etc/passw*"));
          assertEquals("(no matches)", glob("loop/loop/a*"));
        });
  }

  private ObjectNode grep(String pattern) {
    return Json.object().put("pattern", pattern);
  }

  /** Both engines, where there are two on this machine: they must say the same. */
  private String both(ObjectNode query) throws Exception {
    String result = scene.say("grep", query);
    GrepTool builtIn =
        new GrepTool(scene.workspace, new Grep(scene.workspace, Map.of(), scene.sandbox::child));
    ObjectNode checked = ArgumentCheck.check(Json.write(query), builtIn.definition().parameters());
    assertEquals(builtIn.call(checked, Scene.context()).content(), result);
    return result;
  }

  @Test
  void contentsAreFoundWithTheirPlaces() throws Exception {
    scene.file("b/two.py", "def one():\r\n  return 'Key'\n");
    scene.file("a.txt", "no\nkey 1\nkey 2\n");
    scene.file(".hidden", "key");
    scene.file(".git/config", "key");
    scene.file("node_modules/x.txt", "key");
    scene.file("bin.dat", "key\0");
    scene.file(".env", "key");
    Files.createLink(
        scene.workspace.root().resolve("hard.txt"),
        scene.workspace.root().resolve("settings.conf"));
    Files.createSymbolicLink(scene.workspace.root().resolve("out"), Path.of("/etc"));
    assertEquals("a.txt:2:key 1\na.txt:3:key 2", both(grep("^key")));
    assertEquals(
        "a.txt:2:key 1\na.txt:3:key 2\nb/two.py:2:  return 'Key'",
        both(grep("key").put("case_sensitive", false)));
    assertEquals("a.txt", both(grep("key").put("output_mode", "files_with_matches")));
    assertEquals("a.txt:2\nb/two.py:1", both(grep("[Kk]ey").put("output_mode", "count")));
    assertEquals(
        "b/two.py:1:def one():", both(grep("one").put("type_filter", "python").put("limit", 1)));
    assertEquals("b/two.py:2:  return 'Key'", both(grep("Key").put("path", "b")));
    assertEquals("a.txt:3:key 2", both(grep("key 2").put("path", "a.txt")));
    assertEquals("(no matches)", both(grep("nowhere")));
    assertEquals(
        "a.txt:2:key 1\n[stopped at the limit of 1; there are more]",
        both(grep("key").put("limit", 1)));
    assertTrue(
        scene.say("grep", grep("a(")).startsWith("[error: the pattern is no regular expression"));
    assertEquals(
        "[error: Access to sensitive file blocked: .env]",
        scene.say("grep", grep("key").put("path", ".env")));
    for (String out : List.of("../data", "out", "/etc")) {
      assertTrue(scene.say("grep", grep("root").put("path", out)).contains("escapes workspace"));
    }
  }

  @Test
  void w19AnOptionLikePatternIsAPattern() throws Exception {
    scene.file("a.txt", "--files\n");
    assertEquals("a.txt:1:--files", both(grep("--files")));
    assertEquals("(no matches)", both(grep("--pre=touch")));
  }

  @Test
  void w30AHostilePatternIsStopped() throws Exception {
    scene.file("a.txt", "a".repeat(40) + "!\n");
    GrepResult result =
        new Grep(scene.workspace, Map.of(), scene.sandbox::child)
            .search(
                new GrepQuery(
                    "(.*a){20}b",
                    scene.workspace.root(),
                    GrepQuery.Mode.CONTENT,
                    List.of(),
                    true,
                    10,
                    Duration.ofMillis(100)));
    assertTrue(result.text().startsWith("[stopped after 0 s, not everything was searched"));
    assertTrue(scene.say("grep", grep("(".repeat(1_000))).startsWith("[error: the pattern is"));
  }
}
