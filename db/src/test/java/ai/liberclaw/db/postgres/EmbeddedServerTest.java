package ai.liberclaw.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.DatabaseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each test has a folder, and servers, of its own. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class EmbeddedServerTest {
  @TempDir private Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private EmbeddedServer start() {
    EmbeddedServer server = EmbeddedServer.start(folder);
    open.add(server);
    return server;
  }

  private static Connection connect(String url) throws SQLException {
    PostgresUrl parsed = PostgresUrl.parse(url);
    return DriverManager.getConnection(
        parsed.jdbc(), parsed.user().orElseThrow(), parsed.password().orElseThrow());
  }

  private static String one(String url, String query) throws SQLException {
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : "nothing";
    }
  }

  private static void run(String url, String sql) throws SQLException {
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).filter(Processes::lives).isPresent();
  }

  @Test
  void dataOutliveAStopAndTheServerDoesNot() throws Exception {
    EmbeddedServer first = start();
    run(first.createDatabase("kept"), "create table t as select 'here' as c");
    long pid = first.pid();
    first.close();
    assertFalse(isAlive(pid));
    assertFalse(Files.exists(folder.resolve("data/postmaster.pid")));

    assertEquals("here", one(start().createDatabase("kept"), "select c from t"));
  }

  @Test
  void everyCommitIsOnTheDisk() throws Exception {
    String url = start().createDatabase("postgres");
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      assertEquals("on", one(url, "show " + setting), setting);
    }
  }

  @Test
  void nobodyGetsInWithoutThePassword() throws Exception {
    PostgresUrl url = PostgresUrl.parse(start().createDatabase("postgres"));
    // 28000 and 28P01: refused for want of a password, or for a wrong one; 08004: the driver has
    // none to give.
    for (String password : new String[] {"", "liberclaw", "postgres"}) {
      SQLException refused =
          assertThrows(
              SQLException.class,
              () -> DriverManager.getConnection(url.jdbc(), "liberclaw", password).close());
      assertTrue(
          List.of("28000", "28P01", "08004").contains(refused.getSQLState()),
          refused.getSQLState());
    }
    assertEquals(
        "0",
        one(
            start().createDatabase("postgres"),
            "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'"));
    assertTrue(
        one(
                start().createDatabase("postgres"),
                "select rolpassword from pg_authid where rolcanlogin")
            .startsWith("SCRAM-SHA-256$1:"),
        "stretched for nothing");
    assertEquals("127.0.0.1", one(start().createDatabase("postgres"), "show listen_addresses"));
    assertEquals("", one(start().createDatabase("postgres"), "show unix_socket_directories"));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("password"))));
    assertFalse(Files.exists(folder.resolve("password.new")));
  }

  @Test
  void aSecondOpenerUsesTheSameServerAndLeavesItToItsOwner() throws Exception {
    EmbeddedServer owner = start();
    EmbeddedServer second = start();
    assertEquals(owner.pid(), second.pid());
    second.close();
    assertTrue(isAlive(owner.pid()));
    owner.close();
    assertFalse(isAlive(owner.pid()));
  }

  @Test
  void aWrongPasswordBesideTheDataIsToldAtOnce() throws Exception {
    start();
    String password = Files.readString(folder.resolve("password"));
    Files.writeString(folder.resolve("password"), "another");
    DatabaseException refused = assertThrows(DatabaseException.class, this::start);
    assertTrue(
        String.valueOf(refused.getMessage()).contains("does not take the password"),
        refused.getMessage());
    Files.writeString(folder.resolve("password"), password);
  }

  @Test
  void manyThatStartTogetherGetOneServer() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<EmbeddedServer>> starts = List.of(this::started, this::started, this::started);
      List<Long> pids = new ArrayList<>();
      for (Future<EmbeddedServer> server : threads.invokeAll(starts)) {
        open.addFirst(server.get());
        pids.add(server.get().pid());
      }
      assertEquals(1, pids.stream().distinct().count(), pids.toString());
    }
  }

  private EmbeddedServer started() {
    return EmbeddedServer.start(folder);
  }

  @Test
  void theServerOfAKilledProcessIsUsedAndStoppedByTheNext() throws Exception {
    Process killed = hold();
    String[] line = lineOf(killed);
    run(line[1], "create table t as select 'here' as c");
    killed.destroyForcibly().waitFor();
    assertTrue(isAlive(Long.parseLong(line[0])));

    EmbeddedServer next = start();
    assertEquals(line[0], Long.toString(next.pid()));
    assertEquals("here", one(next.createDatabase("kept"), "select c from t"));
    next.close();
    assertFalse(isAlive(next.pid()));
  }

  @Test
  void anotherProcessUsesTheServerOfALivingOwner() throws Exception {
    EmbeddedServer owner = start();
    Process other = hold();
    assertEquals(Long.toString(owner.pid()), lineOf(other)[0]);
    other.getOutputStream().close();
    assertTrue(other.waitFor(20, TimeUnit.SECONDS));
    assertTrue(isAlive(owner.pid()));
  }

  @Test
  void theLastUserStopsAServerWhoseOwnerWasKilled() throws Exception {
    Process owner = hold();
    String[] line = lineOf(owner);
    EmbeddedServer user = start();
    owner.destroyForcibly().waitFor();
    user.close();
    assertFalse(isAlive(Long.parseLong(line[0])));
  }

  @Test
  void aServerEndsWithAProcessThatIsAskedToEnd() throws Exception {
    Process owner = hold();
    ProcessHandle server = ProcessHandle.of(Long.parseLong(lineOf(owner)[0])).orElseThrow();
    owner.destroy();
    Processes.awaitEnd(server, Duration.ofSeconds(20));
  }

  @Test
  void aProcessNumberLeftByACrashStopsNobody() throws Exception {
    EmbeddedServer first = start();
    String url = first.createDatabase("kept");
    run(url, "create table t as select 'here' as c");
    List<String> lines = new ArrayList<>(Files.readAllLines(folder.resolve("data/postmaster.pid")));
    ProcessHandle server = ProcessHandle.of(first.pid()).orElseThrow();
    server.destroyForcibly();
    Processes.awaitEnd(server, Duration.ofSeconds(20));
    // As after a reboot: the number belongs to something else.
    lines.set(0, Long.toString(ProcessHandle.current().pid()));
    Files.write(folder.resolve("data/postmaster.pid"), lines);

    assertEquals("here", one(start().createDatabase("kept"), "select c from t"));
  }

  private Process hold() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                ServerHolder.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    open.addFirst(() -> process.destroyForcibly().waitFor());
    return process;
  }

  private static String[] lineOf(Process process) throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    return line == null ? new String[] {"no line"} : line.split(" ", -1);
  }
}
