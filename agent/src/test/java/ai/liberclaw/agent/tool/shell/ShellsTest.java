package ai.liberclaw.agent.tool.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ShellsTest {
  private static final Duration TIME_MAX = Duration.ofSeconds(20);

  @TempDir Path folder;

  @FunctionalInterface
  private interface Body {
    void with(Shells shells) throws Exception;
  }

  private void with(Function<Place, Sandbox> kind, Body body) throws Exception {
    Path workspace = Files.createDirectories(folder.resolve("workspace")).toRealPath();
    Path data = Files.createDirectories(folder.resolve("data"));
    Sandbox sandbox =
        kind.apply(new Place(workspace, data, List.of(), Map.of("PATH", "/usr/bin:/bin")));
    try (Children children = new Children(sandbox, data);
        Shells shells = new Shells(children, data, sandbox.find("bash"))) {
      body.with(shells);
    }
  }

  private static String run(Shells shells, String script) throws Exception {
    try (CommandOutcome outcome = shells.run("chat", script, TIME_MAX)) {
      assertEquals(Optional.of(0), outcome.exitCode());
      return (outcome.newShell() ? "new " : "")
          + new String(outcome.output().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  @Test
  void anIdleShellIsClosedAndItsChatIsTold() throws Exception {
    with(
        TestSandboxes::weak,
        shells -> {
          run(shells, "x=1");
          shells.closeIdle(TIME_MAX);
          assertEquals("[1]\n", run(shells, "echo \"[$x]\""));
          shells.closeIdle(Duration.ZERO);
          assertEquals("new []\n", run(shells, "echo \"[$x]\""));
          assertEquals("[]\n", run(shells, "echo \"[$x]\""));
        });
  }

  @Test
  void aShellWhoseSandboxHoldsABackgroundProcessStays() throws Exception {
    with(
        TestSandboxes::bubblewrap,
        shells -> {
          run(shells, "sleep 60 >/dev/null 2>&1 & x=1");
          shells.closeIdle(Duration.ZERO);
          assertEquals("[1]\n", run(shells, "kill %1; wait; echo \"[$x]\""));
          shells.closeIdle(Duration.ZERO);
          assertTrue(run(shells, "echo \"[$x]\"").startsWith("new "));
        });
  }

  @Test
  void aShellThatSomebodyKilledIsReplaced() throws Exception {
    with(
        TestSandboxes::weak,
        shells -> {
          run(shells, "x=1");
          // Its keeper; without it there would be no next shell after an exit. The command may be
          // over before that is seen, or end with its shell.
          shells.run("chat", "kill -9 $PPID; sleep 0.2", TIME_MAX).close();
          assertEquals("new []\n", run(shells, "echo \"[$x]\""));
        });
  }
}
