package ai.liberclaw.agent.janitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.StoredRows;
import ai.liberclaw.agent.journal.RetentionStore;
import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.config.EnvReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JanitorTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final String UUID_NAME = "00000000-0000-0000-0000-00000000000";

  @TempDir Path folder;
  private StoredRows rows;
  private Workspace workspace;

  @BeforeEach
  void open() throws IOException {
    rows = new StoredRows(folder);
    workspace = new Workspace(folder.resolve("workspace"), List.of());
  }

  @AfterEach
  void close() {
    rows.close();
  }

  @Test
  void w33RowsGoWhenTheirTimeIsOver() throws Exception {
    long old = days(31);
    turn("told", "c", days(31));
    turn("tnew", "c", days(29));
    turn("tapproved", "c", days(31));
    turn("tinner", "__cron_a__", days(31));
    turn("tinnernew", "__cron_a__", days(1));
    rows.run(
        "insert into events (chat_id, seq, turn_id, type, json, created_at) values"
            + " ('c', 1, 'told', 'text', '{}', ?), ('c', 2, 'tnew', 'text', '{}', ?)",
        old,
        days(29));
    rows.run(
        "insert into runtime_events (chat_id, type, payload, created_at) values"
            + " ('c', 'old', '{}', ?), ('c', 'new', '{}', ?)",
        time(31),
        time(29));
    rows.run(
        "insert into approvals (id, turn_id, chat_id, payload, arguments_hash, status, expires_at,"
            + " created_at) values ('old', 'tnew', 'c', '{}', '', 'once', 0, ?), ('new', 'tapproved',"
            + " 'c', '{}', '', 'deny', 0, ?), ('open', 'tnew', 'c', '{}', '', 'pending', 0, ?)",
        days(91),
        days(89),
        days(91));
    rows.run(
        "insert into messages (chat_id, role, content, turn_id, created_at) values"
            + " ('c', 'user', 'a person''s', 'told', ?), ('__cron_a__', 'user', 'old', 'tinner', ?),"
            + " ('__cron_a__', 'user', 'new', 'tinnernew', ?),"
            + " ('__cron_a__', 'user', 'lost', 'gone', ?), ('coding:x', 'user', 'code', null, ?),"
            + " ('coding:y', 'user', 'coding', null, ?)",
        time(31),
        time(31),
        time(31),
        time(31),
        time(31),
        time(31));
    rows.run(
        "insert into coding_tasks (id, chat_id, mode, task, state, created_at, ended_at) values"
            + " ('x', 'coding:x', 'implement', '', 'done', 0, ?),"
            + " ('y', 'coding:y', 'implement', '', 'running', 0, null)",
        old);
    rows.run(
        "insert into subagents (id, chat_id, label, task, created_at, ended_at) values"
            + " ('old', 'c', '', '', 0, ?), ('new', 'c', '', '', 0, ?), ('runs', 'c', '', '', 0, null)",
        old,
        days(29));
    rows.run(
        "insert into pending_messages (chat_id, content, source, created_at) values"
            + " ('c', 'event', 'subagent_event', ?), ('c', 'unread', 'cron', ?), ('c', 'lost', 'cron', ?)",
        time(8),
        time(89),
        time(91));
    rows.run(
        "insert into pending_archive (id, chat_id, content, source, created_at, handed_at) values"
            + " (101, 'c', 'old', 'x', '', ?), (102, 'c', 'new', 'x', '', ?)",
        NOW.minus(Duration.ofHours(25)).toEpochMilli(),
        NOW.minus(Duration.ofHours(23)).toEpochMilli());

    clean(Map.of());

    Map.of(
            "select turn_id from events", "[tnew]",
            "select type from runtime_events", "[new]",
            "select id from approvals order by id", "[new, open]",
            "select id from turns order by id", "[tapproved, tinnernew, tnew]",
            "select content from messages order by id", "[a person's, new, coding]",
            "select id from coding_tasks", "[y]",
            "select id from subagents order by id", "[new, runs]",
            "select content from pending_messages", "[unread]",
            "select content from pending_archive", "[new]")
        .forEach((query, expected) -> assertEquals(expected, rows.values(query).toString(), query));
  }

  @Test
  void w33ManyRowsGoInPortions() {
    rows.run(
        "insert into events (chat_id, seq, turn_id, type, json, created_at) with recursive n(i) as"
            + " (select 1 union all select i + 1 from n where i < 2500) select 'c', i, 't', 'text', '{}',"
            + " 0 from n");
    clean(Map.of());
    assertEquals(List.of(), rows.values("select seq from events"));
  }

  @Test
  void w33FactsBeyondTheLimitGoToTheArchiveAndFromThereForGood() {
    for (int i = 1; i <= 7; i++) {
      rows.run(
          "insert into memory_records (kind, content, updated_at) values ('k', ?, ?)",
          String.valueOf(i),
          time(10 - i));
    }
    clean(Map.of("MEMORY_RECORDS_MAX", "3"));
    assertEquals(
        List.of("2/1", "3/1", "4/1", "5/0", "6/0", "7/0"),
        rows.values("select content || '/' || archived from memory_records order by id"));
  }

  @Test
  void zeroKeepsForEver() {
    rows.run(
        "insert into events (chat_id, seq, turn_id, type, json, created_at) values"
            + " ('c', 1, 't', 'text', '{}', 0)");
    clean(Map.of("RUNTIME_EVENT_RETENTION_DAYS", "0"));
    assertEquals(1, rows.values("select seq from events").size());
  }

  @Test
  void w33FilesGoByAgeAndNumberAndOnlyThoseThatToolsMade() throws Exception {
    file("tool-results/bash-0123456789ab.txt", 31);
    file("tool-results/bash-0123456789ac.txt", 29);
    file("tool-results/mine.txt", 400);
    file("downloads/old.zip", 91);
    file("downloads/a.zip", 3);
    file("downloads/b.zip", 2);
    file("downloads/c.zip", 1);
    file("images/" + UUID_NAME + "1.png", 91);
    file("images/" + UUID_NAME + "2.png", 1);
    file("images/holiday.png", 400);

    clean(Map.of("KEPT_FILES_MAX", "2"));

    assertEquals(
        List.of(
            "downloads/b.zip",
            "downloads/c.zip",
            "images/" + UUID_NAME + "2.png",
            "images/holiday.png",
            "tool-results/bash-0123456789ac.txt",
            "tool-results/mine.txt"),
        files());
  }

  @Test
  void w33LogsOfEndedProcessesGoButNothingElsewhere() throws Exception {
    Path elsewhere = Files.writeString(folder.resolve("elsewhere.log"), "x");
    Path data = Files.createDirectories(folder.resolve("data"));
    Path log = Files.writeString(data.resolve("p.log"), "x");
    Path inside = file("logs/q.log", 1);
    rows.run(
        "insert into processes (id, chat_id, command, state, log_path, started_at, ended_at) values"
            + " ('a', 'c', '', 'exited', ?, 0, ?), ('b', 'c', '', 'exited', 'logs/q.log', 0, ?),"
            + " ('c', 'c', '', 'exited', ?, 0, ?), ('d', 'c', '', 'running', ?, 0, null),"
            + " ('e', 'c', '', 'exited', null, 0, ?)",
        log.toString(),
        days(8),
        days(8),
        elsewhere.toString(),
        days(8),
        log.toString(),
        days(6));

    clean(Map.of());

    assertTrue(Files.notExists(log) && Files.notExists(inside));
    assertTrue(Files.exists(elsewhere));
    assertEquals(List.of("d", "e"), rows.values("select id from processes order by id"));
  }

  private void clean(Map<String, String> variables) {
    JanitorSettings settings = JanitorSettings.fromEnv(new EnvReader(variables));
    try (Janitor janitor =
        new Janitor(
            new RetentionStore(rows.commits(), settings.rows()),
            settings,
            workspace,
            folder.resolve("data"),
            Clock.fixed(NOW, ZoneOffset.UTC))) {
      janitor.clean();
    }
  }

  private void turn(String id, String chat, long endedAt) {
    rows.run(
        "insert into turns (id, chat_id, state, position, created_at, ended_at) values"
            + " (?, ?, 'done', (select count(*) from turns), 0, ?)",
        id,
        chat,
        endedAt);
  }

  private static long days(int ago) {
    return NOW.minus(Duration.ofDays(ago)).toEpochMilli();
  }

  private static String time(int daysAgo) {
    return Timestamps.of(NOW.minus(Duration.ofDays(daysAgo)));
  }

  private Path file(String name, int daysOld) throws IOException {
    Path file = workspace.root().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "x");
    Files.setLastModifiedTime(file, FileTime.fromMillis(days(daysOld)));
    return file;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(workspace.root())) {
      return List.copyOf(
          new TreeSet<>(all.filter(Files::isRegularFile).map(workspace::relative).toList()));
    }
  }
}
