package ai.liberclaw.agent.schedule;

import static ai.liberclaw.db.agent.Tables.SCHEDULES;
import static ai.liberclaw.db.agent.Tables.TURNS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.sqlite.AgentDatabase;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerTest {
  private static final String NEWS = "__cron_news__";

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
  }

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void aJobRunsAtItsTimeInAChatOfItsOwn() throws IOException {
    scene.write("cron.json", cron("news", "0 9 * * *"));

    assertEquals(List.of(), scene.at("08:01"));
    assertEquals(List.of(), scene.at("08:59"));
    List<String> begun = scene.at("09:00");

    assertEquals(1, begun.size());
    assertTrue(begun.getFirst().startsWith("[Scheduled task news] Tell me the news."));
    assertEquals(NEWS, scene.submitted.getFirst().chatId());
    assertTrue(scene.submitted.getFirst().resumes());
    scene.end(NEWS, "nothing");
    assertEquals(List.of(), scene.at("09:01"));
  }

  /** W-22: two jobs of one minute both run, whatever the first one takes. */
  @Test
  void w22AJobThatTakesLongDelaysNoOther() throws IOException {
    scene.write(
        "cron.json",
        "[{\"id\":\"long\",\"schedule\":\"* * * * *\",\"task\":\"t\"},"
            + "{\"id\":\"news\",\"schedule\":\"2 8 * * *\",\"task\":\"t\"}]");

    assertEquals(1, scene.at("08:01").size());
    assertEquals("__cron_long__", scene.submitted.getLast().chatId());
    assertEquals(1, scene.at("08:02").size());
    assertEquals(NEWS, scene.submitted.getLast().chatId());
  }

  @Test
  void aJobNeverOverlapsItselfAndDoesNotCatchUpOnItself() throws IOException {
    scene.write("cron.json", cron("news", "* * * * *"));

    assertEquals(1, scene.at("08:01").size());
    assertEquals(0, scene.at("08:02").size());
    assertEquals(0, scene.at("08:03").size());
    scene.end(NEWS, "done");
    assertEquals(0, scene.at("08:03:30Z").size());
    assertEquals(1, scene.at("08:04").size());
  }

  @Test
  void w22MinutesMissedInAStallAreMadeUpForOnce() throws IOException {
    scene.write("cron.json", cron("news", "*/5 * * * *"));
    scene.look();

    assertEquals(1, scene.at("08:31").size());
    scene.end(NEWS, "done");
    assertEquals(0, scene.at("08:32").size());
    assertEquals(1, scene.at("08:35").size());
  }

  @Test
  void aTimeThatPassedWhileTheAgentWasOffIsMadeUpForAtItsStart() throws IOException {
    scene.write("cron.json", cron("news", "0 9 * * *"));
    scene.look();

    assertEquals(1, scene.restart().at("2026-11-23T12:00").size());
    scene.end(NEWS, "done");
    assertEquals(0, scene.restart().at("12:01").size());
  }

  @Test
  void w22ARunIsNotRepeatedByAProcessThatDoesNotKnowOfIt() throws IOException {
    scene.write("cron.json", cron("news", "0 9 * * *"));
    scene.look();
    assertEquals(1, scene.at("09:00").size());
    // Killed after the turn was stored, before that was noted.
    database.dsl().deleteFrom(SCHEDULES).execute();
    scene.active.clear();

    assertEquals(0, scene.restart().at("09:00:20Z").size());
  }

  @Test
  void aRunThatEndedUnseenIsKnownByItsTurn() throws IOException {
    scene.write("cron.json", cron("news", "0 9 * * *"));
    scene.look();
    scene.at("09:00");
    database
        .dsl()
        .insertInto(TURNS)
        .set(TURNS.ID, "turn-1")
        .set(TURNS.CHAT_ID, NEWS)
        .set(TURNS.STATE, "failed")
        .set(TURNS.POSITION, 1L)
        .set(TURNS.CREATED_AT, 1L)
        .execute();

    scene.restart();

    assertEquals("failed", job(scene.scheduler().view().json()).path("last_state").asText());
  }

  @Test
  void aJobRunsOnceAtAMomentAlsoAfterARestart() throws IOException {
    scene.write(
        "cron.json",
        "[{\"id\":\"news\",\"at\":\"2026-11-21T09:00\",\"tz\":\"UTC\",\"task\":\"t\"}]");
    scene.look();

    assertEquals(1, scene.at("09:00").size());
    scene.end(NEWS, "Call Ada.");
    assertEquals(0, scene.at("09:01").size());
    assertEquals(0, scene.restart().at("09:02").size());
  }

  @Test
  void aMomentThatCameBeforeTheFileWasFirstReadIsNotLost() throws IOException {
    scene.at("08:59");
    scene.after(Duration.ofSeconds(50));
    scene.write("cron.json", "[{\"id\":\"news\",\"at\":\"2026-11-21T08:59:55Z\",\"task\":\"t\"}]");

    assertEquals(1, scene.at("09:00").size());
  }

  @Test
  void aMomentLongPastIsToldOf() throws IOException {
    scene.write("cron.json", "[{\"id\":\"news\",\"at\":\"2026-11-20T09:00:00Z\",\"task\":\"t\"}]");

    assertEquals(0, scene.look().size());
    assertTrue(job(status()).path("note").asText().contains("was over"));
  }

  @Test
  void aMomentWaitsForTheRunBefore() throws IOException {
    scene.write("cron.json", "[{\"id\":\"news\",\"at\":\"2026-11-21T08:30:00Z\",\"task\":\"t\"}]");
    scene.look();
    scene.active.add(NEWS);

    assertEquals(0, scene.at("08:30").size());
    scene.active.clear();
    assertEquals(1, scene.at("08:31").size());
  }

  @Test
  void aJobThatIsChangedOrSwitchedOnAgainBeginsAnew() throws IOException {
    scene.write("cron.json", cron("news", "0 9 * * *"));
    scene.look();
    scene.at("2026-11-21T12:00");
    scene.end(NEWS, "done");
    scene.write("cron.json", cron("news", "0 11 * * *"));
    assertEquals(0, scene.at("12:01").size());

    scene.write(
        "cron.json", cron("news", "0 11 * * *").replace("\"id\"", "\"enabled\":false,\"id\""));
    assertEquals(0, scene.at("12:02").size());
    assertEquals(0, scene.at("2026-11-22T12:00").size());
    scene.write("cron.json", cron("news", "0 11 * * *"));
    assertEquals(0, scene.at("12:01").size());
    assertEquals(1, scene.at("2026-11-23T11:00").size());
  }

  @Test
  void aClockThatIsSetBackStopsNoJob() throws IOException {
    scene.write("cron.json", cron("news", "0 * * * *"));
    scene.look();
    scene.at("2026-11-25T09:00");
    scene.end(NEWS, "done");

    assertEquals(0, scene.at("2026-11-21T09:30").size());
    assertEquals(1, scene.at("2026-11-21T10:00").size());
  }

  @Test
  void whileTheFileIsBeingWrittenWhatItSaidBeforeHolds() throws IOException {
    String whole = cron("news", "0 9 * * *");
    scene.write("cron.json", whole);
    scene.look();

    for (String part : List.of("", whole.substring(0, whole.length() / 2))) {
      scene.write("cron.json", part);
      assertEquals(0, scene.at("08:30").size());
      assertTrue(status().path("problems").path(0).asText().contains("still holds"));
    }
    Files.delete(scene.root.resolve("cron.json"));
    assertEquals(0, scene.at("08:59").size());
    // Its jobs were not forgotten meanwhile.
    Path again = scene.write("cron.json", whole);
    Files.setLastModifiedTime(again, FileTime.fromMillis(0));
    assertEquals(1, scene.at("09:03").size());
  }

  @Test
  void aFileThatIsGoneEndsItsJobs() throws IOException {
    scene.write("cron.json", cron("news", "0 9 * * *"));
    scene.look();
    Files.delete(scene.root.resolve("cron.json"));
    for (int minute = 10; minute < 14; minute++) {
      scene.at("08:" + minute);
    }

    assertEquals(0, scene.at("09:00").size());
    assertEquals(0, database.dsl().fetchCount(SCHEDULES));
  }

  @Test
  void entriesThatMakeNoSenseAreSkippedAndTheOwnerIsToldOnce() throws IOException {
    String entries =
        """
        [{"id":"news","schedule":"0 9 * * *","task":"t"},
         {"id":"a","schedule":"0 25 * * *","task":"t"},
         {"id":"b","schedule":"0 9 * * *"},
         {"id":"news","schedule":"0 9 * * *","task":"again"},
         {"id":"c","schedule":"0 9 * * *","task":"t","tz":"Mars/Olympus"},
         {"id":"d","schedule":"0 9 * * *","at":"2026-12-01T00:00:00Z","task":"t"},
         {"id":"e","at":"tomorrow","task":"t"},
         {"id":"__subagent_x__","schedule":"* * * * *","task":"t"},
         {"id":"f","schedule":"* * * * *","task":"t","deliver_to":"__cron_news__"},
         {"id":"g","schedule":"* * * * *","task":"t","enabled":"perhaps"},
         "text", {"schedule":"* * * * *","task":"t"}]
        """;
    scene.write("cron.json", entries);
    scene.look();
    scene.at("08:01");
    scene.restart().at("08:02");

    JsonNode status = status();
    assertEquals(1, status.path("jobs").size());
    assertEquals(11, status.path("problems").size());
    assertEquals(
        "cron.json entry 2 (a) is skipped: '25' in the hour field is not 0 to 23",
        status.path("problems").path(0).asText());
    assertEquals(1, scene.told.size());
    Notice notice = scene.told.getFirst();
    assertEquals(ScheduleScene.OWNER, notice.chatId());
    assertEquals("cron", notice.source());
    assertTrue(notice.content().startsWith("[Schedule] cron.json entry 2 (a) is skipped"));
    assertEquals(1, scene.at("09:00").size());
  }

  @Test
  void theListMayBeWrittenLeniently() throws IOException {
    scene.write(
        "cron.json",
        "{\"jobs\":[{\"id\":7,\"schedule\":\" @hourly \",\"task\":\"t\",\"deliver_to\":-100123,"
            + "\"tz\":null,\"enabled\":\"yes\",\"color\":\"red\"}]}");
    scene.look();

    assertEquals(1, scene.at("09:00").size());
    assertEquals("-100123", scene.end("__cron_7__", "hi").getFirst().chatId());
  }

  /** W-13: what a job says reaches somebody. */
  @Test
  void w13AResultGoesToTheOwnerOrToTheChatThatIsNamed() throws IOException {
    scene.write("cron.json", cron("news", "* * * * *"));
    scene.at("08:01");
    TurnEnd end =
        new TurnEnd(
            TurnState.DONE,
            List.of("looking", "All quiet, s3cret."),
            List.of(new SentFile("out/a.txt", "A")),
            Optional.empty());

    assertEquals(
        List.of(
            new Notice("owner", "cron", "All quiet, [redacted]."),
            new Notice(
                "owner",
                "cron_file",
                "{\"type\":\"file\",\"path\":\"out/a.txt\",\"caption\":\"A\"}")),
        scene.end(NEWS, end));

    scene.write(
        "cron.json", cron("news", "* * * * *").replace("\"id\"", "\"deliver_to\":\"c\",\"id\""));
    scene.at("08:02");
    // Removed by itself while it runs.
    scene.write("cron.json", "[]");
    scene.look();
    assertEquals(List.of(new Notice("c", "cron", "x")), scene.end(NEWS, "x"));
  }

  @Test
  void aJobThatHasNothingToTellTellsNothing() throws IOException {
    scene.write("cron.json", cron("news", "* * * * *"));
    scene.at("08:01");
    assertEquals(List.of(), scene.end(NEWS, "**HEARTBEAT_OK**."));
    scene.at("08:02");
    assertEquals(List.of(), scene.end(NEWS, " "));
    scene.at("08:03");
    assertEquals(1, scene.end(NEWS, "Somebody asked what HEARTBEAT_OK means.").size());
  }

  @Test
  void aJobThatFailsIsToldOfTheFirstTime() throws IOException {
    scene.write("cron.json", cron("news", "* * * * *"));
    scene.at("08:01");
    assertEquals(
        List.of(new Notice("owner", "cron", "[Scheduled task news] Error: Too slow.")),
        scene.fail(NEWS));
    scene.at("08:02");
    assertEquals(List.of(), scene.fail(NEWS));
    scene.at("08:03");
    scene.end(NEWS, "well");
    scene.at("08:04");
    assertEquals(1, scene.fail(NEWS).size());
  }

  @Test
  void whatIsDueWhileTheAgentStopsIsDueAtItsNextStart() throws IOException {
    scene.write("cron.json", cron("news", "0 9 * * *"));
    scene.look();
    scene.stopping = true;
    assertEquals(0, scene.at("09:00").size());
    scene.stopping = false;

    assertEquals(1, scene.restart().at("09:05").size());
  }

  @Test
  void theStatusFileSaysWhenAJobIsDueNext() throws IOException {
    scene.write(
        "cron.json",
        cron("news", "0 9 * * *").replace("\"id\"", "\"tz\":\"Europe/Berlin\",\"id\""));
    scene.look();

    assertEquals("2026-11-22T08:00:00Z", job(status()).path("next_due").asText());
    assertEquals("Europe/Berlin", job(status()).path("tz").asText());
    assertEquals("2026-11-21T08:01:00Z", scene.scheduler().look().toString());
  }

  @Test
  void withoutListsNoStatusFileIsMade() {
    scene.look();

    assertFalse(Files.exists(scene.root.resolve(StatusFile.NAME)));
  }

  private JsonNode status() throws IOException {
    return Json.parse(Files.readAllBytes(scene.root.resolve(StatusFile.NAME)));
  }

  private static JsonNode job(JsonNode view) {
    return view.path("jobs").path(0);
  }

  static String cron(String id, String schedule) {
    return "[{\"id\":\"%s\",\"schedule\":\"%s\",\"task\":\"Tell me the news.\"}]"
        .formatted(id, schedule);
  }
}
