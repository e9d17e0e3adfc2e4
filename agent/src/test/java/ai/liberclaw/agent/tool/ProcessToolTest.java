package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.ProcessStore;
import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import ai.liberclaw.agent.tool.process.Processes;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.sqlite.AgentDatabase;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessToolTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);

  @TempDir Path folder;
  private AgentDatabase database;
  private CommitQueue commits;
  private final Watch clock = new Watch();
  private Scene scene;
  private ProcessTool tool;

  /** A clock that a test can set forward. */
  private static final class Watch extends Clock {
    private Duration ahead = Duration.ZERO;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(ahead);
    }
  }

  @BeforeEach
  void open() throws IOException {
    database = AgentDatabase.open(folder.resolve("processes.db"));
    commits = new CommitQueue(database);
    commits.start(_ -> {});
    open(TestSandboxes::weak);
  }

  private void open(Function<Place, Sandbox> kind) throws IOException {
    scene = new Scene(folder, kind);
    Processes processes =
        new Processes(
            scene.commands,
            scene.workspace,
            new ProcessStore(database.dsl(), commits),
            text -> text.replace(Scene.SECRET, "[redacted]"),
            clock);
    tool = new ProcessTool(processes, scene.guard, scene.workspace, clock);
  }

  @AfterEach
  void close() {
    scene.close();
    commits.close();
    database.close();
  }

  private String call(String action, String name, String value)
      throws IOException, InterruptedException {
    ObjectNode arguments = Json.object().put("action", action);
    if (!name.isEmpty()) {
      arguments.put(name, value);
    }
    return tool.call(arguments, Scene.context()).content();
  }

  private String start(String command) throws IOException, InterruptedException {
    String started = call("start", "command", command);
    assertTrue(started.startsWith("Started process p-"), started);
    return started.substring("Started process ".length(), started.indexOf(','));
  }

  private String pollUntil(String id, String expected) {
    StringBuilder all = new StringBuilder();
    Await.until(
        "the output has " + expected,
        WAIT_MAX,
        () -> all.append(call("poll", "id", id)).indexOf(expected) >= 0);
    return all.toString();
  }

  @Test
  void pollGivesOutputOnceAndTheStateUntilTheEnd() throws Exception {
    String id = start("echo one; until [ -e go ]; do sleep 0.02; done; echo two >&2; exit 4");
    assertTrue(pollUntil(id, "one").startsWith("[running for 0 s]\n"));
    assertEquals("[running for 0 s]\n(no new output)", call("poll", "id", id));
    scene.file("go", "");
    pollUntil(id, "two");
    assertTrue(pollUntil(id, "exited").contains("[exited with code 4 after "));
    assertEquals("one\ntwo\n", Files.readString(log(id)));
    assertTrue(call("list", "", "").startsWith(id + "  exited with code 4 after "));
    assertTrue(call("kill", "id", id).startsWith("Process " + id + " had ended already"));
  }

  private Path log(String id) {
    return scene.workspace.root().resolve("process-logs/" + id + ".log");
  }

  @Test
  void longOutputKeepsItsNewestPart() throws Exception {
    String id = start("seq 1 30000; echo end");
    pollUntil(id, "exited");
    String second = start("seq 1 30000; echo end; sleep 20");
    Await.until("all is there", WAIT_MAX, () -> Files.readString(log(second)).endsWith("end\n"));
    String polled = call("poll", "id", second);
    assertTrue(polled.contains("bytes before this are not shown; see process-logs/"), polled);
    assertTrue(polled.endsWith("30000\nend\n"), "ends at the end");
    assertTrue(polled.length() < Processes.RECENT_BYTES_MAX + 200, "length " + polled.length());
  }

  @Test
  void w6cOneEndlessLineNeitherBlocksNorFills() throws Exception {
    String id = start("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo end");
    pollUntil(id, "exited");
    assertTrue(Files.size(log(id)) <= 8 << 20, "size " + Files.size(log(id)));
    assertTrue(Files.readString(log(id)).endsWith("x\nend\n"));
  }

  @Test
  void w6KillEndsTheWholeGroup() throws Exception {
    String id = start("(while true; do date +%N > beat; sleep 0.02; done) & wait");
    Path beat = scene.workspace.root().resolve("beat");
    Await.until("it runs", WAIT_MAX, () -> Files.exists(beat));
    assertEquals("Killed process " + id, call("kill", "id", id));
    Files.deleteIfExists(beat);
    Await.until(
        "it is listed", WAIT_MAX, () -> call("list", "", "").startsWith(id + "  killed after "));
    assertFalse(Files.exists(beat));
  }

  @Test
  void tenMayRun() throws Exception {
    for (int i = 0; i < 10; i++) {
      start("sleep 30");
    }
    String refused = call("start", "command", "sleep 30");
    assertTrue(refused.startsWith("[error: 10 processes run already"), refused);
    assertTrue(refused.contains("p-"), "names them");
  }

  @Test
  void aRestartedAgentKnowsWhatItHasLostAndEndsIt() throws Exception {
    String id = start("while true; do date +%N > beat; sleep 0.02; done");
    Scene killed = scene;
    Path beat = scene.workspace.root().resolve("beat");
    Await.until("it runs", WAIT_MAX, () -> Files.exists(beat));
    // What the killed agent learns now, it can no longer store.
    commits.close();
    commits = new CommitQueue(database);
    commits.start(_ -> {});
    open(TestSandboxes::weak);
    Files.deleteIfExists(beat);
    assertTrue(call("list", "", "").startsWith(id + "  lost when the agent restarted, after "));
    assertTrue(call("poll", "id", id).startsWith("[lost when"));
    assertFalse(Files.exists(beat));
    clock.ahead = Duration.ofMinutes(61);
    assertEquals("(no processes)", call("list", "", ""));
    killed.close();
  }

  @Test
  void w7GuardRailsHoldAndErrorsSayWhatToDo() throws Exception {
    ObjectNode arguments = Json.object().put("action", "start").put("command", "rm -rf /");
    assertTrue(tool.guardReason(arguments, Scene.context()).isPresent());
    assertTrue(tool.shell());
    assertEquals(
        "[error: missing required 'command' parameter: start needs one]", call("start", "", ""));
    assertEquals(
        "[error: no process 'p-1'; there are:\n(no processes)]", call("poll", "id", "p-1"));
    assertEquals(
        "[error: parameter 'action' must be one of start, list, poll, kill]", call("x", "", ""));
    start("echo " + Scene.SECRET);
    assertFalse(call("list", "", "").contains(Scene.SECRET));
  }

  @Test
  void worksInBubblewrapToo() throws Exception {
    scene.close();
    open(TestSandboxes::bubblewrap);
    String id = start("trap 'echo bye; exit 0' TERM; echo hi; while :; do sleep 0.05; done");
    pollUntil(id, "hi");
    assertEquals("Killed process " + id, call("kill", "id", id));
    pollUntil(id, "bye");
  }
}
