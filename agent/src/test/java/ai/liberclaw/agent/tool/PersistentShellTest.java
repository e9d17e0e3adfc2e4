package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.core.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One shell per chat, whose framing no command can break (W-6b). */
final class PersistentShellTest {
  private static final String ENDED =
      "[the shell ended too; its folder, variables and functions are gone]\n";

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

  private String in(String chat, String command) throws InterruptedException {
    return scene
        .tools
        .call(
            new ToolCall("c", "bash", Json.write(Json.object().put("command", command)), false),
            new ToolContext(chat, "turn", "c", true))
        .content();
  }

  @Test
  void folderVariablesAndFunctionsCarryOver() throws Exception {
    scene.bash("mkdir -p sub && cd sub; colour=red; export SHAPE=round; f() { echo \"f $1\"; }");
    assertEquals(
        scene.workspace.root() + "/sub red round f 1\n[exit code: 0]",
        scene.bash("echo \"$PWD $colour $(printenv SHAPE) $(f 1)\""));
  }

  @Test
  void chatsDoNotShareAShell() throws Exception {
    in("one", "x=1; cd /");
    assertEquals(scene.workspace.root() + " []\n[exit code: 0]", in("two", "echo \"$PWD [$x]\""));
    assertEquals("/ [1]\n[exit code: 0]", in("one", "echo \"$PWD [$x]\""));
  }

  @Test
  void exitGivesItsCodeAndSaysThatStateIsLost() throws Exception {
    scene.bash("x=1; cd /");
    assertEquals("a\n" + ENDED + "[exit code: 3]", scene.bash("echo a; exit 3"));
    assertEquals(scene.workspace.root() + " []\n[exit code: 0]", scene.bash("echo \"$PWD [$x]\""));
    assertEquals(ENDED + "[exit code: 0]", scene.bash("exec true"));
    assertEquals(ENDED + "[exit code: 1]", scene.bash("set -e; false; echo no"));
    assertEquals(ENDED + "[exit code: 137]", scene.bash("kill -9 $BASHPID"));
    assertEquals("ok\n[exit code: 0]", scene.bash("echo ok"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'unterminated",
        "echo \"unterminated",
        "cat <<E\nunterminated",
        "if true; then",
        "echo $(unterminated",
        "printf 'no newline'",
        "head -c 300000 /dev/zero | tr '\\0' x; echo",
        "echo done 1 0 /; echo ended 0; echo begun 1",
        "set -x; echo traced",
        "set -euo pipefail; set -v; true",
        "exec >file 2>&1; echo into the file",
        "exec </dev/zero; exec 2>&-",
        "break; continue; echo $?",
        "return 5",
        "IFS=xyz; unset PWD; PS4='done 1 0 /'",
        "trap 'echo trapped' DEBUG EXIT ERR; false",
        "printf() { :; }; read() { :; }",
        "cd /; shopt -s extglob; set -f",
        "# only a comment",
        "true;",
        "(exit 7)",
        "echo a & wait",
      })
  void w6bNoCommandBreaksTheFraming(String command) throws Exception {
    String first = scene.bash(command);
    assertTrue(first.matches("(?s).*\\[exit code: \\d+]"), first);
    assertFalse(first.contains("timed out"), first);
    String second = scene.bash("builtin unset -f printf read; trap - DEBUG ERR; echo next");
    assertTrue(second.endsWith("next\n[exit code: 0]"), second);
  }

  @Test
  void w6bExitCodesAreExact() throws Exception {
    assertTrue(scene.bash("(exit 7)").endsWith("[exit code: 7]"));
    assertTrue(scene.bash("no-such-program-here").endsWith("[exit code: 127]"));
    assertTrue(scene.bash("false").endsWith("[exit code: 1]"));
    assertTrue(scene.bash("echo $?").endsWith("[exit code: 0]"));
  }

  @Test
  void optionsOfOneScriptDoNotHoldForTheNext() throws Exception {
    scene.bash("set -euo pipefail");
    assertEquals("[]\n[exit code: 0]", scene.bash("false; echo \"[$nothing]\""));
  }

  @Test
  void binaryOutputIsReplacedByANotice() throws Exception {
    String result = scene.bash("printf 'a\\0b'; head -c 100 /dev/urandom >&2");
    assertTrue(result.startsWith("[binary output of about 3 bytes, not shown"), result);
    assertTrue(result.contains("\n[stderr]\n[binary output of about "), result);
  }

  @Test
  void outputOfABackgroundProcessDoesNotReachTheNextCommand() throws Exception {
    scene.bash("(for i in $(seq 20); do echo tick; sleep 0.1; done) &");
    assertEquals("mine\n[exit code: 0]", scene.bash("echo mine"));
  }

  @Test
  void theGuardKnowsWhereTheShellIsAndWhatItHasSet() throws Exception {
    scene.bash("cd /; keep=/somewhere");
    assertTrue(scene.bash("rm -rf usr").startsWith("[blocked:"));
    assertEquals("[exit code: 0]", scene.bash("rm -rf \"$keep/else\""));
    assertTrue(scene.bash("rm -rf \"$unset_variable/\"").startsWith("[blocked:"));
  }

  @Test
  void moreShellsThanMayLiveCloseTheOnesUsedLongestAgo() throws Exception {
    for (int chat = 0; chat <= 16; chat++) {
      assertEquals("[exit code: 0]", in("chat" + chat, "x=" + chat));
    }
    assertEquals("16\n[exit code: 0]", in("chat16", "echo $x"));
    assertEquals(
        "[this is a new shell; of the one before, its folder, variables and functions are gone]\n"
            + "\n[exit code: 0]",
        in("chat0", "echo $x"));
  }

  @Test
  void aCommandCanBeLargeAndFast() throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      scene.bash(": " + "x".repeat(1_000));
    }
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(5).toNanos());
    assertEquals(
        "120000\n[exit code: 0]", scene.bash("x='" + "y".repeat(120_000) + "'; echo ${#x}"));
  }
}
