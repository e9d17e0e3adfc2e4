package ai.liberclaw.agent.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatTest {
  private static final String CHAT = "__heartbeat__";
  private static final Duration INTERVAL = Duration.ofMinutes(30);

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
    scene = new ScheduleScene(database, folder, "2026-11-21T08:00:10Z").beating(INTERVAL);
    scene.look();
  }

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void withoutTheFileNothingIsDone() {
    assertEquals(List.of(), scene.after(INTERVAL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n \n", "# Tasks\n\n## Later\n", "<!-- nothing -->\n # Tasks\n"})
  void aFileThatAsksForNothingWakesNobody(String text) throws IOException {
    file(text);

    assertEquals(List.of(), scene.after(INTERVAL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"- check the mail", "# Tasks\nlook", "<!-- a\nb -->"})
  void aFileThatAsksForSomethingWakesTheAgent(String text) throws IOException {
    file(text);

    String message = scene.after(INTERVAL).getFirst();
    assertEquals(CHAT, scene.submitted.getFirst().chatId());
    assertTrue(message.contains("HEARTBEAT.md"));
    assertTrue(message.contains("HEARTBEAT_OK"));
  }

  @Test
  void w14BadBytesInTheFileDoNotFail() throws IOException {
    Files.write(scene.root.resolve("HEARTBEAT.md"), new byte[] {(byte) 0xFF, (byte) 0xFE});

    assertEquals(1, scene.after(INTERVAL).size());
  }

  @Test
  void itBeatsAtItsIntervalAndBeatsNeverOverlap() throws IOException {
    file("look");
    assertEquals(0, scene.after(INTERVAL.minusSeconds(1)).size());
    assertEquals(1, scene.after(Duration.ofSeconds(1)).size());
    assertEquals(0, scene.after(INTERVAL).size());
    scene.end(CHAT, "HEARTBEAT_OK");
    assertEquals(0, scene.after(Duration.ofSeconds(1)).size());
    assertEquals(1, scene.after(INTERVAL).size());
  }

  @Test
  void theNextLookComesInTimeForABeat() {
    scene.beating(Duration.ofSeconds(5));

    assertEquals("2026-11-21T08:00:15Z", scene.scheduler().look().toString());
  }

  @Test
  void aRestartDoesNotPutABeatOff() throws IOException {
    file("look");
    scene.after(Duration.ofMinutes(20));

    assertEquals(1, scene.restart().after(Duration.ofMinutes(10)).size());
  }

  @Test
  void aFileOfJobsReplacesTheHeartbeat() throws IOException {
    file("look");
    scene.write("cron.json", "[]");

    assertEquals(0, scene.after(INTERVAL).size());
    assertEquals("replaced by cron.json", scene.scheduler().heartbeatState());

    scene.write("cron.json", "[{\"id\":\"__heartbeat__\",\"schedule\":\"*/10 * * * *\"}]");
    assertEquals(1, scene.after(Duration.ofMinutes(10)).size());
    assertEquals(CHAT, scene.submitted.getFirst().chatId());
  }

  /** W-13: an idle beat says nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {"HEARTBEAT_OK", "All well: heartbeat_ok.", "**HEARTBEATOK**", "Heart_Beat_OK"})
  void w13AnAnswerThatAllIsWellIsNotPassedOn(String answer) throws IOException {
    beat();

    assertEquals(List.of(), scene.end(CHAT, answer));
  }

  @Test
  void anyOtherAnswerIsLeftForTheOwnerWithItsFiles() throws IOException {
    beat();
    TurnEnd end =
        new TurnEnd(
            TurnState.DONE,
            List.of("looking", "The site is down."),
            List.of(new SentFile("log.txt", "")),
            Optional.empty());

    assertEquals(
        List.of(
            new Notice("owner", "heartbeat", "[Heartbeat] The site is down."),
            new Notice(
                "owner",
                "heartbeat_file",
                "{\"type\":\"file\",\"path\":\"log.txt\",\"caption\":\"\"}")),
        scene.end(CHAT, end));
  }

  @Test
  void aBeatThatFailsIsNotPassedOn() throws IOException {
    beat();

    assertEquals(List.of(), scene.fail(CHAT));
  }

  private void beat() throws IOException {
    file("look");
    assertEquals(1, scene.after(INTERVAL).size());
  }

  private void file(String text) throws IOException {
    Files.writeString(scene.root.resolve("HEARTBEAT.md"), text);
  }
}
