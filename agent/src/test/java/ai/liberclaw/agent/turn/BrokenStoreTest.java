package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a chat whose turn's end could not be stored, such as on a full disk. */
final class BrokenStoreTest {
  @TempDir Path folder;

  @Test
  void aTurnWithoutItsEndIsClosedBeforeTheNextOneRuns() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      sql(
          agent,
          "create trigger broken before update of ended_at on turns"
              + " begin select raise(abort, 'full'); end");
      try (RawResponse lost = agent.say("c", "one")) {
        List<Event> events = lost.events();
        assertEquals(List.of("error", "done"), events.stream().map(Event::type).toList());
        assertEquals("internal", events.getFirst().json().path("code").asText());
      }
      sql(agent, "drop trigger broken");
      try (RawResponse next = agent.say("c", "two")) {
        assertEquals(List.of("text", "done"), next.types());
      }
      try (RawResponse all = agent.stream("c", "?after=0&deltas=false")) {
        assertEquals(
            List.of("stream_meta", "error", "done", "stream_meta", "text", "done"), all.types());
      }
    }
  }

  private static void sql(TestAgent agent, String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + agent.database());
        Statement sql = connection.createStatement()) {
      sql.execute("pragma busy_timeout = 5000");
      sql.execute(statement);
    }
  }
}
