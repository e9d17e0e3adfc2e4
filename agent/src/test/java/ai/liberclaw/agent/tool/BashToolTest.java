package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.shell.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BashToolTest {
  private static final String STOPPED =
      "[the shell was stopped too; its folder, variables and functions are gone]\n";

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

  @Test
  void outputErrorsAndExitCodeComeInThisOrder() throws Exception {
    assertEquals("a\n[exit code: 0]", scene.bash("echo a"));
    assertEquals("a\n[stderr]\nb\n[exit code: 3]", scene.bash("echo b >&2; echo a; (exit 3)"));
    assertEquals("[stderr]\nb\n[exit code: 0]", scene.bash("printf b >&2"));
    assertEquals("[exit code: 1]", scene.bash("false"));
    assertEquals("no newline\n[exit code: 0]", scene.bash("printf 'no newline'"));
  }

  @Test
  void runsInTheWorkspaceInBashWithoutInput() throws Exception {
    assertEquals(scene.workspace.root() + "\n[exit code: 0]", scene.bash("pwd"));
    assertEquals("[exit code: 0]", scene.bash("cat"));
    assertEquals("2\n[exit code: 0]", scene.bash("a=(1 2); echo ${#a[@]}"));
    assertEquals("grüße 🦀\n[exit code: 0]", scene.bash("echo 'grüße 🦀'"));
    assertEquals("it's \\n\n[exit code: 0]", scene.bash("echo \"it's \\\\n\"; : 🦀"));
  }

  @Test
  void undecodableOutputIsReplaced() throws Exception {
    String text = "twenty characters ok";
    assertEquals(text + "\uFFFD\n[exit code: 0]", scene.bash("printf '" + text + "\\377'"));
  }

  @Test
  void w3SecretsOfTheServerAreNeitherInTheEnvironmentNorShown() throws Exception {
    assertEquals("[] [blue]\n[exit code: 0]", scene.bash("echo [$AGENT_SECRET] [$COLOUR]"));
    String names = scene.bash("compgen -e | tr '\\n' ' '");
    for (String name : names.lines().findFirst().orElse("").strip().split(" ", -1)) {
      assertTrue(
          name.matches(
              "PATH|HOME|LANG|LC_.*|TERM|TZ|USER|SHELL|TMPDIR|COLOUR|LIBERCLAW_TOOL_CALL|PWD|SHLVL|_|OLDPWD"),
          name);
    }
    assertEquals("x[redacted]y\n[exit code: 0]", scene.bash("echo x" + Scene.SECRET + "y"));
  }

  @Test
  void refusesWhatTheGuardRailsCatch() throws Exception {
    ToolResult result = scene.call("bash", Map.of("command", "true; env"));
    assertEquals("[blocked: it lists the environment variables]", result.content());
    assertTrue(result.isError());
  }

  @Test
  void w6ATimeoutKeepsTheOutputAndKillsTheWholeGroup() throws Exception {
    long start = System.nanoTime();
    String result =
        scene
            .call(
                "bash",
                Map.of(
                    "command",
                    "echo before; (sleep 3; touch late) & echo $! > child; sleep 60",
                    "timeout",
                    1))
            .content();
    assertEquals("before\n" + STOPPED + "[timed out after 1s]", result);
    assertTrue(seconds(start) < 3, "killed at once");
    await(() -> !alive(pid("child")));
    assertFalse(Files.exists(scene.workspace.root().resolve("late")));
  }

  @Test
  void w6WhatIgnoresTermIsKilledAfterTwoSeconds() throws Exception {
    long start = System.nanoTime();
    String result =
        scene
            .call(
                "bash",
                Map.of(
                    "command",
                    "trap '' TERM; (echo $BASHPID > child; while true; do sleep 0.1; done) & wait",
                    "timeout",
                    1))
            .content();
    assertEquals("[timed out after 1s]", result.lines().reduce((a, b) -> b).orElse(""));
    assertTrue(seconds(start) > 2.5 && seconds(start) < 6, "after " + seconds(start));
    await(() -> !alive(pid("child")));
  }

  @Test
  void w6ABackgroundProcessThatHoldsTheOutputNeitherBlocksNorDies() throws Exception {
    long start = System.nanoTime();
    String result =
        scene.bash(
            "(trap '' HUP; for i in $(seq 60); do echo tick || exit; sleep 0.1; done) & echo $! > child; echo ok");
    assertTrue(result.contains("ok\n"), result);
    assertTrue(result.endsWith("[exit code: 0]"), result);
    assertTrue(seconds(start) < 2, "took " + seconds(start));
    long pid = pid("child");
    long later = System.nanoTime() + Duration.ofMillis(700).toNanos();
    await(() -> System.nanoTime() > later || !alive(pid));
    assertTrue(alive(pid), "it still writes");
    scene.commands.close();
    await(() -> !alive(pid));
  }

  @Test
  void w6AChildThatLeftTheSessionOfATimedOutCommandIsReported() throws Exception {
    String result =
        scene
            .call(
                "bash",
                Map.of(
                    "command",
                    "setsid sh -c 'echo $$ > child; exec sleep 20' & sleep 60",
                    "timeout",
                    1))
            .content();
    long pid = pid("child");
    assertTrue(alive(pid));
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    assertTrue(
        result.contains("[still running in sessions of their own: processes [" + pid), result);
  }

  @Test
  void w6AnInterruptKillsTheGroupAndReturnsAtOnce() throws Exception {
    FutureTask<ToolResult> call =
        new FutureTask<>(
            () -> scene.call("bash", Map.of("command", "echo $$ > child; sleep 60 & wait")));
    Thread thread = Thread.ofVirtual().start(call);
    await(() -> pid("child") > 0);
    long start = System.nanoTime();
    thread.interrupt();
    var e = assertThrows(java.util.concurrent.ExecutionException.class, call::get);
    assertTrue(e.getCause() instanceof InterruptedException);
    assertTrue(seconds(start) < 2);
    assertFalse(alive(pid("child")));
  }

  @Test
  void w6LeftoversOfAKilledAgentAreEndedAtTheNextStart() throws Exception {
    scene.bash("sleep 60 > /dev/null 2>&1 & echo $! > child");
    long pid = pid("child");
    assertTrue(alive(pid));
    // The first agent is not closed, as if it had been killed.
    try (Commands _ = new Commands(scene.sandbox, scene.data)) {
      await(() -> !alive(pid));
    }
    try (var records = Files.list(scene.data.resolve("tool-groups"))) {
      assertEquals(0, records.count());
    }
  }

  @Test
  void aProcessGroupThatIsNotOursIsLeftAlone() throws Exception {
    Process other = new ProcessBuilder("setsid", "sleep", "60").start();
    try {
      Files.writeString(scene.data.resolve("tool-groups/" + other.pid()), "another mark");
      try (Commands _ = new Commands(scene.sandbox, scene.data)) {
        assertTrue(other.isAlive());
      }
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void longOutputKeepsItsEndsAndIsSavedWhole() throws Exception {
    String result = scene.bash("seq 1 20000; echo oops >&2");
    assertTrue(result.startsWith("1\n2\n3\n"), "starts at the start");
    assertTrue(result.endsWith("20000\n[stderr]\noops\n[exit code: 0]"), "ends at the end");
    var marker =
        java.util.regex.Pattern.compile(
                "truncated: (\\d+) characters in total, full output: (tool-results/bash-[0-9a-f]{12}\\.txt)")
            .matcher(result);
    assertTrue(marker.find());
    String saved = Files.readString(scene.workspace.root().resolve(marker.group(2)));
    assertEquals(marker.group(1), Integer.toString(saved.length()));
    assertTrue(saved.contains("\n10000\n") && saved.endsWith("[exit code: 0]"));
    assertTrue(result.length() < 30_300, "length " + result.length());
  }

  @Test
  void aSecretInLongOutputIsMaskedWhereverItFalls() throws Exception {
    String result =
        scene.bash("for i in $(seq 4000); do echo " + Scene.SECRET + "-some-padding; done");
    assertFalse(result.contains("very-secret"));
    try (var files = Files.list(scene.workspace.root().resolve("tool-results"))) {
      for (Path file : files.toList()) {
        String saved = Files.readString(file);
        assertFalse(saved.contains("very-secret"));
        assertEquals(4000, saved.split("\\[redacted\\]", -1).length - 1);
      }
    }
  }

  @Test
  void w28EndlessOutputIsBounded() throws Exception {
    String result = scene.call("bash", Map.of("command", "yes 0123456789", "timeout", 1)).content();
    assertTrue(result.endsWith("[timed out after 1s]"), "end is there");
    try (var files = Files.list(scene.workspace.root().resolve("tool-results"))) {
      for (Path file : files.toList()) {
        assertTrue(Files.size(file) <= (64L << 20) + 100_000, "size " + Files.size(file));
      }
    }
    try (var files = Files.list(scene.data)) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".spool")));
    }
  }

  @Test
  void badArgumentsAreExplained() throws Exception {
    assertEquals(
        "[error: parameter 'timeout' must be at most 300]",
        scene.call("bash", Map.of("command", "true", "timeout", 301)).content());
    assertEquals(
        "[error: the command holds a NUL character]",
        scene.callRaw("bash", "{\"command\":\"a\\u0000b\"}").content());
    assertTrue(scene.bash("true " + "x".repeat(140_000)).startsWith("[error: command too long"));
  }

  private long pid(String file) {
    try {
      String text = Files.readString(scene.workspace.root().resolve(file)).strip();
      return text.isEmpty() ? 0 : Long.parseLong(text);
    } catch (IOException _) {
      return 0;
    }
  }

  private static boolean alive(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException _) {
      return Optional.of(pid).flatMap(ProcessHandle::of).map(ProcessHandle::isAlive).orElse(false);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static void await(BooleanSupplier fact) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!fact.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not happen in 10 s");
      LockSupport.parkNanos(5_000_000);
    }
  }
}
