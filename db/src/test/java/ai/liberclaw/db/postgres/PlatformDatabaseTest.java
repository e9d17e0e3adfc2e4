package ai.liberclaw.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PlatformDatabaseTest {
  @TempDir private static Path folder;

  private static EmbeddedServer server;
  private static int databases;

  @BeforeAll
  static void startServer() {
    server = EmbeddedServer.start(folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static String newDatabase() {
    return server.createDatabase("test_" + databases++);
  }

  private static PlatformDatabase open(String url) {
    return PlatformDatabase.open(new PlatformDatabase.Settings(url, 4, Duration.ofSeconds(5)));
  }

  /** Runs statements on a database that ours has not opened yet. */
  private static void prepare(String url, String... statements) throws Exception {
    PostgresUrl parsed = PostgresUrl.parse(url);
    try (var connection =
            java.sql.DriverManager.getConnection(
                parsed.jdbc(), parsed.user().orElseThrow(), parsed.password().orElseThrow());
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String originalSchema() throws IOException {
    try (InputStream file =
        PlatformDatabase.class.getResourceAsStream(
            "/ai/liberclaw/db/migration/platform/V1__original_schema.sql")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Object value(PlatformDatabase database, String query) {
    return database.dsl().fetchValue(query);
  }

  @Test
  void anEmptyDatabaseGetsTheWholeSchemaOnce() {
    String url = newDatabase();
    Object installation;
    try (PlatformDatabase database = open(url)) {
      assertEquals("004", value(database, "select version_num from alembic_version"));
      installation = value(database, "select id from installation");
    }
    try (PlatformDatabase database = open(url)) {
      assertEquals(installation, value(database, "select id from installation"));
      assertEquals(6L, value(database, "select count(*) from flyway_schema_history"));
    }
  }

  @Test
  void serversThatStartTogetherMigrateOnce() throws Exception {
    String url = newDatabase();
    prepare(url, originalSchema());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<PlatformDatabase>> starts =
          List.of(() -> open(url), () -> open(url), () -> open(url));
      List<PlatformDatabase> opened = new ArrayList<>();
      for (Future<PlatformDatabase> database : threads.invokeAll(starts)) {
        opened.add(database.get());
      }
      assertEquals(1L, value(opened.getFirst(), "select count(*) from installation"));
      opened.forEach(PlatformDatabase::close);
    }
  }

  @Test
  void anOriginalDatabaseIsAdoptedWithoutLoss() throws Exception {
    String url = newDatabase();
    prepare(
        url,
        originalSchema(),
        """
        insert into users (id, email, created_at, updated_at) values
          ('00000000-0000-0000-0000-000000000001', 'Ada@example.com', '2026-01-01Z', null),
          ('00000000-0000-0000-0000-000000000002', 'ada@example.com', '2026-02-01Z', null),
          ('00000000-0000-0000-0000-000000000003', null, null, null);
        insert into sessions (id, user_id, refresh_token_hash, expires_at, created_at) values
          ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000001', 'same', '2026-03-01Z', null),
          ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-000000000001', 'same', '2026-03-01Z', '2026-02-20Z');
        insert into agents (id, owner_id, name, system_prompt, vm_url) values
          ('00000000-0000-0000-0000-0000000000aa', '00000000-0000-0000-0000-000000000001', 'a', 'p', 'https://x.example');
        insert into daily_usage (id, user_id, date) values
          ('00000000-0000-0000-0000-0000000000dd', '00000000-0000-0000-0000-000000000001', '2026-02-01');
        """);
    try (PlatformDatabase database = open(url)) {
      assertEquals(
          "[free, false, true, true]",
          database
              .dsl()
              .fetchSingle(
                  "select tier, email_verified, show_tool_calls, created_at is not null from users where email is null")
              .intoList()
              .toString());
      assertEquals(
          "[ada@example.com, null, null]",
          database.dsl().fetchValues("select email_lower from users order by id").toString());
      assertEquals(
          "[null, same]",
          database
              .dsl()
              .fetchValues(
                  "select nullif(refresh_token_hash, encode(sha256(id::text::bytea), 'hex')) from sessions order by id")
              .toString());
      assertEquals(
          "[true, false]",
          database
              .dsl()
              .fetchValues("select revoked_at is not null from sessions order by id")
              .toString());
      assertEquals(
          true,
          value(
              database,
              "select bool_and(family_id = id and family_started_at = created_at) from sessions"));
      assertEquals(
          "[qwen3-coder-next, pending, web, 0, null, https://x.example]",
          database
              .dsl()
              .fetchSingle(
                  "select model, deployment_status, source, generation, provider, vm_url from agents")
              .intoList()
              .toString());
      assertEquals(0, value(database, "select message_count from daily_usage"));
      assertEquals(
          "1 2 3 4 5 6",
          value(
              database,
              "select string_agg(version, ' ' order by installed_rank) from flyway_schema_history"));
      // The original writes on: it knows none of our columns.
      database
          .dsl()
          .execute(
              "insert into sessions (id, user_id, refresh_token_hash, expires_at) values (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'x', now())");
    }
    open(url).close();
  }

  @Test
  void anotherRevisionOfTheOriginalIsRefusedUntouched() throws Exception {
    String url = newDatabase();
    prepare(url, originalSchema(), "update alembic_version set version_num = '003'");
    DatabaseException refused = assertThrows(DatabaseException.class, () -> open(url));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("revision 003; only 004"),
        refused.getMessage());
    // Nor one that the original moved on to after we had adopted it.
    prepare(url, "update alembic_version set version_num = '004'");
    open(url).close();
    prepare(url, "update alembic_version set version_num = '005'");
    assertThrows(DatabaseException.class, () -> open(url));
  }

  @Test
  void aDatabaseOfAnotherProgramIsRefusedUntouched() throws Exception {
    String url = newDatabase();
    prepare(url, "create table invoices (id int)");
    DatabaseException refused = assertThrows(DatabaseException.class, () -> open(url));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("tables of another program"),
        refused.getMessage());
    prepare(url, "drop table invoices");
    open(url).close();
  }

  @Test
  void anUnreachableServerIsNamedWithoutThePassword() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    DatabaseException refused =
        assertThrows(
            DatabaseException.class,
            () -> open("postgresql://ada:secret@127.0.0.1:" + port + "/claw"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(
        message.contains("127.0.0.1:" + port + "/claw") && !message.contains("secret"), message);
  }

  @Test
  void aTransactionIsWholeOrNothing() {
    try (PlatformDatabase database = open(newDatabase())) {
      database.dsl().execute("create table t (n int)");
      assertThrows(
          IllegalArgumentException.class,
          () ->
              database.transaction(sql -> {
                sql.execute("insert into t values (1)");
                throw new IllegalArgumentException("changed my mind");
              }));
      assertEquals(0L, value(database, "select count(*) from t"));
      assertEquals(
          1, database.<Integer>transaction(sql -> sql.execute("insert into t values (1)")));
      assertEquals(1L, value(database, "select count(*) from t"));
    }
  }

  @Test
  void helidonsClientAsksThroughTheSamePool() {
    try (PlatformDatabase database = open(newDatabase())) {
      assertEquals(
          "UTC",
          database
              .client()
              .execute()
              .get("select current_setting('timezone') as zone")
              .orElseThrow()
              .column("zone")
              .getString());
    }
  }

  @Test
  void oneJobOfAnAgentIsActive() {
    try (PlatformDatabase database = open(newDatabase())) {
      String queue =
          "insert into deployments (id, agent_id, generation, kind) values (gen_random_uuid(), '00000000-0000-0000-0000-0000000000aa', 1, 'create')";
      database.dsl().execute(queue);
      assertThrows(DataAccessException.class, () -> database.dsl().execute(queue));
      database.dsl().execute("update deployments set status = 'cancelled'");
      database.dsl().execute(queue);
    }
  }

  @Test
  void anEmbeddedDatabaseIsOneUrl(@TempDir Path other) {
    String url = PlatformDatabase.EMBEDDED + other;
    try (PlatformDatabase database = open(url)) {
      database.dsl().execute("create table t (n int)");
    }
    assertFalse(java.nio.file.Files.exists(other.resolve("data/postmaster.pid")));
    try (PlatformDatabase database = open(url)) {
      assertEquals(0L, value(database, "select count(*) from t"));
    }
  }
}
