package ai.liberclaw.db.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.DatabaseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jooq.Field;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AgentDatabaseTest {
  private static final String SEED =
      """
      CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id TEXT NOT NULL, role TEXT NOT NULL, content TEXT,
        tool_calls TEXT, tool_call_id TEXT, created_at TEXT NOT NULL DEFAULT (datetime('now')));
      CREATE INDEX idx_messages_chat ON messages(chat_id, created_at);
      CREATE TABLE pending_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id TEXT NOT NULL, content TEXT NOT NULL,
        source TEXT NOT NULL DEFAULT 'system', created_at TEXT NOT NULL DEFAULT (datetime('now')));
      INSERT INTO messages (chat_id, role, content) VALUES ('c', 'user', 'hello'), ('c', 'assistant', 'hi');
      INSERT INTO pending_messages (chat_id, content) VALUES ('c', 'news');
      """;
  private static final String SUCCESSOR =
      SEED
          + """
          ALTER TABLE messages ADD COLUMN metadata TEXT;
          ALTER TABLE messages ADD COLUMN compacted INTEGER NOT NULL DEFAULT 0;
          UPDATE messages SET metadata = '{"a":1}', compacted = 1 WHERE id = 1;
          CREATE TABLE pending_cursors (channel TEXT PRIMARY KEY, last_id INTEGER NOT NULL DEFAULT 0);
          CREATE TABLE runtime_events (id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id TEXT, type TEXT NOT NULL, payload TEXT NOT NULL, created_at TEXT);
          CREATE VIRTUAL TABLE messages_fts USING fts5(content, content=messages, content_rowid=id);
          INSERT INTO messages_fts (rowid, content) SELECT id, content FROM messages;
          """;
  private static final String OLDER_SUCCESSOR =
      SUCCESSOR
          + """
          INSERT INTO pending_cursors VALUES ('platform', 7);
          INSERT INTO runtime_events (chat_id, type, payload) VALUES ('c', 'skill.loaded', '{}');
          CREATE TABLE telegram_contacts (id INTEGER PRIMARY KEY AUTOINCREMENT, telegram_id TEXT NOT NULL UNIQUE, chat_id TEXT NOT NULL,
            chat_type TEXT DEFAULT 'private', display_name TEXT DEFAULT '', username TEXT, status TEXT DEFAULT 'pending', created_at TEXT, updated_at TEXT);
          INSERT INTO telegram_contacts (telegram_id, chat_id) VALUES ('7', 'tg:7');
          CREATE TABLE memory_records (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, content TEXT NOT NULL,
            source TEXT DEFAULT 'agent', metadata TEXT, archived INTEGER DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
          INSERT INTO memory_records (kind, content, created_at, updated_at) VALUES ('fact', 'likes tea', '2026-01-01', '2026-01-01');
          """;
  private static final String FOUND =
      "select rowid from message_search where message_search match ";

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("agent.db");
  }

  private Path fileOf(String statements) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(statements);
    }
    return file();
  }

  private static List<?> values(AgentDatabase database, String query) {
    return database.dsl().fetchValues(query);
  }

  private static void insert(AgentDatabase database, String chat, String content) {
    database
        .dsl()
        .execute(
            "insert into messages (chat_id, role, content) values (?, 'user', ?)", chat, content);
  }

  @Test
  void aNewFileIsMadeForItsOwnerAlone() throws Exception {
    Path nested = folder.resolve("some/where/agent.db");
    AgentDatabase.open(nested).close();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(nested)));
    try (AgentDatabase again = AgentDatabase.open(nested)) {
      assertEquals(List.of(), values(again, "select id from turns"));
    }
  }

  @Test
  void aSeedsFileKeepsItsRowsAndGainsOurColumns() throws Exception {
    try (AgentDatabase database = AgentDatabase.open(fileOf(SEED))) {
      assertEquals(
          List.of("hello", "hi"),
          values(database, "select content from messages order by position, id"));
      assertEquals(List.of(0, 0), values(database, "select compacted from messages"));
      assertEquals(
          List.of("news"),
          values(database, "select content from pending_messages where turn_id is null"));
    }
    AgentDatabase.open(file()).close();
  }

  @Test
  void aSuccessorsFileKeepsItsColumnsAndTables() throws Exception {
    try (AgentDatabase database = AgentDatabase.open(fileOf(SUCCESSOR))) {
      assertEquals(
          List.of("{\"a\":1}"),
          values(database, "select metadata from messages where compacted = 1"));
      assertEquals(
          List.of(2),
          values(database, "select rowid from messages_fts where messages_fts match 'hi'"));
      assertEquals(List.of(), values(database, "select * from pending_cursors"));
    }
  }

  @Test
  void anOlderSuccessorsFileIsMigratedWithAllItHolds() throws Exception {
    try (AgentDatabase database = AgentDatabase.open(fileOf(OLDER_SUCCESSOR))) {
      assertEquals(
          List.of("likes tea"),
          values(database, "select content from memory_records where chat_id is null"));
      assertEquals(List.of(7), values(database, "select last_id from pending_cursors"));
      assertEquals(List.of("skill.loaded"), values(database, "select type from runtime_events"));
      assertEquals(List.of("pending"), values(database, "select status from telegram_contacts"));
      assertEquals(List.of(2), values(database, FOUND + "'hi'"));
    }
    AgentDatabase.open(file()).close();
  }

  @Test
  void rowsThatWereThereBeforeCanBeSearched() throws Exception {
    try (AgentDatabase database = AgentDatabase.open(fileOf(SEED))) {
      assertEquals(List.of(1), values(database, FOUND + "'hello'"));
      assertEquals(List.of(2), values(database, FOUND + "'HI'"));
    }
  }

  @Test
  void w27TheSearchFollowsTheRows() {
    try (AgentDatabase database = AgentDatabase.open(file())) {
      insert(database, "c", "a red door");
      insert(
          database,
          "c",
          "[{\"type\":\"text\",\"text\":\"a blue door\"},{\"type\":\"image_url\",\"image_url\":"
              + "{\"url\":\"data:image/png;base64,door\"}}]");
      insert(database, "c", "[{not json door");
      database
          .dsl()
          .execute("insert into messages (chat_id, role, content) values ('c', 'assistant', null)");
      assertEquals(List.of(1, 2, 3), values(database, FOUND + "'door' order by rowid"));
      assertEquals(List.of(), values(database, FOUND + "'base64'"));
      database.dsl().execute("update messages set content = 'a green gate' where id = 1");
      assertEquals(List.of(2, 3), values(database, FOUND + "'door' order by rowid"));
      assertEquals(List.of(1), values(database, FOUND + "'gate'"));
      database.dsl().execute("update messages set compacted = 1 where id = 2");
      database.dsl().execute("delete from messages where id = 3");
      assertEquals(List.of(2), values(database, FOUND + "'door'"));
    }
  }

  @Test
  void w16ARowsPositionIsItsIdUnlessGiven() {
    try (AgentDatabase database = AgentDatabase.open(file())) {
      for (String content : List.of("old", "older kept", "kept")) {
        insert(database, "c", content);
      }
      database.dsl().execute("update messages set compacted = 1 where id = 1");
      database
          .dsl()
          .execute(
              "insert into messages (chat_id, role, content, position) values ('c', 'user', 'summary', 1)");
      assertEquals(
          List.of("summary", "older kept", "kept"),
          values(
              database,
              "select content from messages where chat_id = 'c' and compacted = 0 order by position, id"));
    }
  }

  @Test
  void w16AnOriginalsSummaryStandsInFrontOfTheRowsItLeft() throws Exception {
    // As the originals leave a file: written last, dated back in front of what was kept.
    String compacted =
        SEED
            + """
            INSERT INTO messages (id, chat_id, role, content, created_at) VALUES
              (12, 'k', 'user', 'kept question', '2026-03-01T10:00:00.000000+00:00'),
              (13, 'other', 'user', 'elsewhere', '2026-03-01T10:00:01.000000+00:00'),
              (14, 'k', 'assistant', 'kept answer', '2026-03-01T10:00:02.000000+00:00'),
              (15, 'k', 'user', '[Earlier conversation summary] all', '2026-03-01T09:59:58.000000+00:00'),
              (16, 'k', 'assistant', 'Noted.', '2026-03-01T09:59:59.000000+00:00'),
              (17, 'k', 'user', '[Earlier conversation summary] as I say', '2026-03-01T10:00:03.000000+00:00'),
              (18, 'k', 'assistant', 'later', '2026-03-01T10:00:04.000000+00:00');
            """;
    try (AgentDatabase database = AgentDatabase.open(fileOf(compacted))) {
      assertEquals(
          List.of(15, 16, 12, 14, 17, 18),
          values(database, "select id from messages where chat_id = 'k' order by position, id"));
    }
  }

  @Test
  void oneTurnOfAChatRunsOrIsPaused() {
    try (AgentDatabase database = AgentDatabase.open(file())) {
      String turn =
          "insert into turns (id, chat_id, state, position, created_at) values (?, ?, ?, ?, 0)";
      database.dsl().execute(turn, "a", "c", "paused", 1);
      database.dsl().execute(turn, "b", "c", "waiting", 2);
      database.dsl().execute(turn, "d", "other", "running", 3);
      assertThrows(
          DataAccessException.class,
          () -> database.dsl().execute("update turns set state = 'running' where id = 'b'"));
      database.dsl().execute("update turns set state = 'done' where id = 'a'");
      database.dsl().execute("update turns set state = 'running' where id = 'b'");
    }
  }

  @Test
  void everyConnectionIsSetForDurableCommits() {
    try (AgentDatabase database = AgentDatabase.open(file())) {
      database.transaction(sql -> {
        assertEquals("wal", sql.fetchValue("pragma journal_mode"));
        // 2 is FULL: the log is on the disk before a commit returns.
        assertEquals(2, sql.fetchValue("pragma synchronous"));
        assertEquals(1, sql.fetchValue("pragma foreign_keys"));
        assertEquals(5000, sql.fetchValue("pragma busy_timeout"));
        return 0;
      });
    }
  }

  @Test
  void transactionsOfManyThreadsLoseNothing() throws Exception {
    int threads = 8;
    int each = 50;
    try (AgentDatabase database = AgentDatabase.open(file());
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      database.dsl().execute("insert into chats (id) values ('c')");
      List<Future<?>> writers = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        writers.add(
            executor.submit(() -> {
              for (int i = 0; i < each; i++) {
                database.transaction(sql -> {
                  int before =
                      (Integer) sql.fetchValue("select last_seq from chats where id = 'c'");
                  return sql.execute("update chats set last_seq = ? where id = 'c'", before + 1);
                });
              }
            }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      assertEquals(List.of(threads * each), values(database, "select last_seq from chats"));
    }
  }

  @Test
  void aTransactionInATransactionIsRefusedAtOnce() {
    try (AgentDatabase database = AgentDatabase.open(file())) {
      assertThrows(
          IllegalStateException.class,
          () ->
              database.transaction(
                  outer -> database.transaction(inner -> inner.execute("select 1"))));
      assertEquals(
          1,
          database.<Integer>transaction(sql -> sql.execute("insert into chats (id) values ('c')")));
    }
  }

  @Test
  void anUpsertReturnsTheRowItWrote() {
    Field<String> id = DSL.field(DSL.name("chats", "id"), SQLDataType.CLOB);
    Field<Long> seq = DSL.field(DSL.name("chats", "last_seq"), SQLDataType.BIGINT);
    try (AgentDatabase database = AgentDatabase.open(file())) {
      database.dsl().execute("insert into chats (id, last_seq) values ('a', 1), ('b', 10)");
      Optional<Long> updated =
          database.transaction(sql ->
              InsertReturning.fetch(
                  sql,
                  sql.insertInto(DSL.table("chats"), id, seq)
                      .values("a", 1L)
                      .onConflict(id)
                      .doUpdate()
                      .set(seq, seq.plus(1)),
                  seq));
      assertEquals(Optional.of(2L), updated);
      Optional<Long> nothing =
          InsertReturning.fetch(
              database.dsl(),
              database
                  .dsl()
                  .insertInto(DSL.table("chats"), id, seq)
                  .values("a", 1L)
                  .onConflict(id)
                  .doNothing(),
              seq);
      assertEquals(Optional.empty(), nothing);
    }
  }

  @Test
  void helidonsClientAsksThroughTheSamePool() {
    try (AgentDatabase database = AgentDatabase.open(file())) {
      assertEquals(
          1,
          database.client().execute().get("select 1 as one").orElseThrow().column("one").getInt());
    }
  }

  @Test
  void whatIsNoDatabaseIsRefusedInOneSentence() throws Exception {
    Files.writeString(
        file(), "certainly not a database, and long enough to have a header\n".repeat(10));
    DatabaseException refused =
        assertThrows(DatabaseException.class, () -> AgentDatabase.open(file()));
    assertTrue(
        String.valueOf(refused.getMessage()).contains(file().toString()), refused.getMessage());
    DatabaseException folderRefused =
        assertThrows(DatabaseException.class, () -> AgentDatabase.open(file().resolve("agent.db")));
    assertTrue(
        String.valueOf(folderRefused.getMessage()).contains("can't be made"),
        folderRefused.getMessage());
  }
}
