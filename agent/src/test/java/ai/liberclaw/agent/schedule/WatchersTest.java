package ai.liberclaw.agent.schedule;

import static ai.liberclaw.db.agent.Tables.RUNTIME_EVENTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** W-22: no change is forgotten. */
class WatchersTest {
  private static final String CHAT = "__cron_watcher:inbox__";
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir static Path shared;
  private static AgentDatabase database;

  @TempDir Path folder;
  private ScheduleScene scene;

  @BeforeAll
  static void openDatabase() {
    database = AgentDatabase.open(shared.resolve("agent.db"));
  }

  @AfterAll
  static void closeDatabase() {
    database.close();
  }

  @BeforeEach
  void open() throws IOException {
    scene = new ScheduleScene(database, folder, "2026-11-21T08:00:00Z");
    scene.write("inbox/a.txt", "one");
    watch("inbox", 60);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void theFirstLookFiresNothing() {
    assertEquals(0, scene.look().size());
    assertEquals(0, scene.after(MINUTE).size());
  }

  @Test
  void aChangeRunsTheTaskAfterTheDebounceTime() throws IOException {
    scene.look();
    scene.write("inbox/b.txt", "two");

    assertEquals(0, scene.after(MINUTE).size());
    List<String> begun = scene.after(MINUTE);

    assertEquals(1, begun.size());
    assertTrue(begun.getFirst().startsWith("[Watcher inbox: inbox has changed] Sort it."));
    assertEquals(List.of(new Notice("owner", "cron", "Sorted.")), scene.end(CHAT, "Sorted."));
    assertEquals(0, scene.after(MINUTE).size());
    assertEquals(
        List.of("watcher.triggered"),
        database.dsl().select(RUNTIME_EVENTS.TYPE).from(RUNTIME_EVENTS).fetch(0));
  }

  @Test
  void w22ChangesDuringTheDebounceTimeRunItOnceAndLaterOnesAgain() throws IOException {
    watch("inbox", 120);
    scene.look();
    scene.write("inbox/b.txt", "two");
    assertEquals(0, scene.after(MINUTE).size());
    scene.write("inbox/c.txt", "three");
    assertEquals(0, scene.after(MINUTE).size());
    assertEquals(1, scene.after(MINUTE).size());
    // While the task runs.
    scene.write("inbox/d.txt", "four");
    assertEquals(0, scene.after(MINUTE).size());
    assertEquals(0, scene.after(MINUTE).size());
    assertEquals(0, scene.after(MINUTE).size());
    scene.end(CHAT, "ok");
    assertEquals(1, scene.after(MINUTE).size());
  }

  @Test
  void w22AChangeDuringTheDebounceTimeSurvivesARestart() throws IOException {
    scene.look();
    scene.write("inbox/a.txt", "changed");
    assertEquals(0, scene.after(MINUTE).size());

    assertEquals(1, scene.restart().after(MINUTE).size());
    scene.end(CHAT, "ok");
    assertEquals(0, scene.restart().after(MINUTE).size());
  }

  @Test
  void aChangeWhileTheAgentIsOffIsSeen() throws IOException {
    scene.look();
    Files.delete(scene.root.resolve("inbox/a.txt"));

    assertEquals(0, scene.restart().after(MINUTE).size());
    assertEquals(1, scene.after(MINUTE).size());
  }

  @Test
  void aFileThatComesIsAChange() throws IOException {
    watch("new.txt", 0);
    scene.look();
    scene.write("new.txt", "here");

    assertEquals(1, scene.after(MINUTE).size());
  }

  @Test
  void foldersOfToolsAndTheSchedulersOwnFilesAreNoChange() throws IOException {
    watch(".", 0);
    scene.look();
    scene.after(MINUTE);
    scene.write(".git/index", "x");
    scene.write("inbox/node_modules/x.js", "x");
    scene.write("tool-results/x.txt", "x");
    assertEquals(0, scene.after(MINUTE).size());
    scene.write("inbox/deep/down/x.txt", "x");
    assertEquals(1, scene.after(MINUTE).size());
  }

  @Test
  void aPathOutsideIsRefusedAndToldOfOnce() throws IOException {
    Files.createSymbolicLink(scene.root.resolve("out"), folder);
    watch("out/agent.db", 60);
    scene.look();
    scene.after(MINUTE);

    assertEquals(1, scene.told.size());
    assertTrue(scene.told.getFirst().content().contains("escapes workspace boundary"));
    assertEquals(
        List.of("watcher.error"),
        database.dsl().select(RUNTIME_EVENTS.TYPE).from(RUNTIME_EVENTS).fetch(0));
  }

  @Test
  void aWatcherThatIsSwitchedOffSeesNothing() throws IOException {
    scene.look();
    String on = Files.readString(scene.root.resolve("watchers.json"));
    scene.write("watchers.json", on.replace("\"id\"", "\"enabled\":false,\"id\""));
    scene.after(MINUTE);
    scene.write("inbox/b.txt", "two");
    scene.after(MINUTE);
    scene.write("watchers.json", on);

    for (int i = 0; i < 3; i++) {
      assertEquals(0, scene.after(MINUTE).size());
    }
  }

  @Test
  void onlySixteenWatchersAreUsed() throws IOException {
    StringBuilder list = new StringBuilder("[");
    for (int i = 0; i < 17; i++) {
      list.append(i == 0 ? "" : ",").append(entry("w" + i, "inbox", 60));
    }
    scene.write("watchers.json", list + "]");
    scene.look();

    assertEquals(16, scene.scheduler().view().watchers().size());
    assertEquals(
        List.of("watchers.json: only the first 16 entries are used"),
        scene.scheduler().view().problems());
  }

  @Test
  void ofAVeryLargeFolderOnlyAPartIsLookedAt() throws IOException {
    Workspace workspace = new Workspace(scene.root, List.of());
    for (int i = 0; i < 5; i++) {
      scene.write("large/" + i, "x");
    }

    assertTrue(Fingerprint.of(workspace, "large", 6).whole());
    Fingerprint part = Fingerprint.of(workspace, "large", 5);
    assertFalse(part.whole());
    assertEquals(part, Fingerprint.of(workspace, "large", 5));
  }

  private void watch(String path, int debounce) throws IOException {
    scene.write("watchers.json", "[" + entry("inbox", path, debounce) + "]");
  }

  private static String entry(String id, String path, int debounce) {
    return "{\"id\":\"%s\",\"path\":\"%s\",\"task\":\"Sort it.\",\"debounce\":%d}"
        .formatted(id, path, debounce);
  }
}
