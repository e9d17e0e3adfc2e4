package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds in every kind of sandbox, and what each of them promises. */
final class SandboxedToolsTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);

  enum Kind {
    WEAK,
    USER,
    BUBBLEWRAP;

    private Sandbox make(Place place) {
      return switch (this) {
        case WEAK -> TestSandboxes.weak(place);
        case USER -> TestSandboxes.user(place);
        case BUBBLEWRAP -> TestSandboxes.bubblewrap(place);
      };
    }
  }

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void toolsWriteWhatTheServerMadeAndTheOtherWayRound(Kind kind) throws Exception {
    try (Scene scene = new Scene(folder, kind::make)) {
      assertEquals("Wrote 3 bytes to a/b/script.sh", write(scene, "a/b/script.sh", "abc"));
      assertEquals(
          "[exit code: 0]",
          scene.bash("chmod +x a/b/script.sh; echo x > a/b/new && echo y >> a/b/script.sh"));
      assertEquals("Wrote 1 bytes to a/b/new", write(scene, "a/b/new", "z"));
      assertEquals("abcy\nz[exit code: 0]", flat(scene.bash("cat a/b/script.sh a/b/new")));
      assertEquals("[exit code: 0]", scene.bash("mkdir -m 755 made; umask 077; echo s > made/s"));
      assertEquals("Wrote 1 bytes to made/t", write(scene, "made/t", "t"));
      assertEquals("[exit code: 0]", scene.bash("echo u > made/t && rm -r made"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"USER", "BUBBLEWRAP"})
  void w3TheAgentsOwnFilesAndMemoryAreOutOfReach(Kind kind) throws Exception {
    try (Scene scene = new Scene(folder, kind::make)) {
      Path database = scene.data.resolve("agent.db");
      Files.setPosixFilePermissions(
          database, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
      String result =
          scene.bash("head -c1 '" + database + "' /proc/" + ProcessHandle.current().pid() + "/mem");
      assertFalse(result.startsWith("r"), result);
      assertTrue(result.endsWith("[exit code: 1]"), result);
      assertEquals("CapEff: 0000000000000000 NoNewPrivs: 1", privileges(scene));
    }
  }

  private static String privileges(Scene scene) throws InterruptedException {
    return scene
        .bash("grep -hE '^(CapEff|NoNewPrivs)' /proc/self/status | tr '\\t\\n' '  '")
        .lines()
        .findFirst()
        .orElse("")
        .strip()
        .replaceAll(" +", " ");
  }

  @ParameterizedTest
  @EnumSource(names = "BUBBLEWRAP")
  void bubblewrapShowsNothingButTheWorkspaceAndTheSystem(Kind kind) throws Exception {
    try (Scene scene = new Scene(folder, kind::make)) {
      assertEquals(
          "workspace\n[exit code: 0]", scene.bash("ls -A " + scene.workspace.root().getParent()));
      String processes = scene.bash("ls /proc | grep -c '^[0-9]'");
      assertTrue(Integer.parseInt(processes.lines().findFirst().orElse("")) < 10, processes);
      assertTrue(scene.bash("touch /usr/x /etc/x").endsWith("[exit code: 1]"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void w3NothingSecretIsInAnyProcessThatToolsSee(Kind kind) throws Exception {
    try (Scene scene = new Scene(folder, kind::make)) {
      // Read by a program, because guard rails refuse the plain way.
      scene.file(
          "look.py",
          """
          import glob
          found = b""
          for name in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
              try:
                  found += open(name, "rb").read()
              except OSError:
                  pass
          print(len(found) > 0, b"0123456789-very" in found)
          """);
      assertEquals("True False\n[exit code: 0]", scene.bash("/usr/bin/python3 look.py"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void w6ATimeoutEndsTheCommandAndSparesWhatEarlierOnesLeft(Kind kind) throws Exception {
    try (Scene scene = new Scene(folder, kind::make)) {
      scene.bash("(while true; do date +%N > beat; sleep 0.05; done) > /dev/null 2>&1 &");
      String result =
          scene
              .call(
                  "bash",
                  Map.of(
                      "command",
                      "(while true; do date +%N > late; sleep 0.05; done) & sleep 60",
                      "timeout",
                      1))
              .content();
      assertTrue(result.endsWith("[timed out after 1s]"), result);
      Path root = scene.workspace.root();
      byte[] late = Files.readAllBytes(root.resolve("late"));
      awaitChange(root.resolve("beat"));
      awaitChange(root.resolve("beat"));
      awaitChange(root.resolve("beat"));
      assertEquals(text(late), text(Files.readAllBytes(root.resolve("late"))));
      assertEquals("[exit code: 0]", scene.bash("true"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void w6LeftoversOfAKilledAgentEndAtTheNextStart(Kind kind) throws Exception {
    try (Scene scene = new Scene(folder, kind::make)) {
      scene.bash("(while true; do date +%N > beat; sleep 0.05; done) > /dev/null 2>&1 &");
      Path beat = scene.workspace.root().resolve("beat");
      awaitChange(beat);
      // The first agent is not closed, as if it had been killed.
      try (Commands _ = new Commands(scene.sandbox, scene.data)) {
        Files.delete(beat);
        long until = System.nanoTime() + Duration.ofMillis(300).toNanos();
        Await.until("time passes", WAIT_MAX, () -> System.nanoTime() > until);
        assertFalse(Files.exists(beat));
      }
    }
  }

  private static void awaitChange(Path file) throws Exception {
    String before = Files.exists(file) ? Files.readString(file) : "";
    Await.until(
        "it is written to",
        WAIT_MAX,
        () -> {
          String now = Files.exists(file) ? Files.readString(file) : "";
          return !now.isEmpty() && !now.equals(before);
        });
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String flat(String result) {
    return result.replace("z\n", "z");
  }

  private static String write(Scene scene, String path, String content)
      throws InterruptedException, IOException {
    return scene.call("write_file", Map.of("path", path, "content", content)).content();
  }
}
