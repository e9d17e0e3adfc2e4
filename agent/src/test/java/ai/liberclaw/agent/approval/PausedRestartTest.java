package ai.liberclaw.agent.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.ChildAgent;
import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A turn that waits for an answer outlives the process it waits in. */
final class PausedRestartTest {
  @TempDir Path folder;

  @Test
  void aKilledAgentsTurnStaysPausedAndGoesOnWhenDecided() throws Exception {
    String message = TestAgent.bash("echo first >> effect") + "\n" + Asking.RISKY;
    String id;
    try (ChildAgent agent = ChildAgent.start(folder)) {
      // Killed more often than a turn that runs would be taken up again.
      try (RawResponse lost = new Asking(agent.port()).say("c", message)) {
        id = lost.until("approval_required").json().path("approval_id").asText();
      }
      agent.kill();
    }
    for (int start = 0; start < 3; start++) {
      try (TestAgent agent = TestAgent.start(folder)) {
        assertTrue(agent.get("/chat/c/active").json().path("active").asBoolean());
      }
    }
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse back = agent.stream("c", "?after=4&deltas=false")) {
      back.until("stream_meta");
      new Asking(agent.port()).expect(200, id, "once");
      List<Event> rest = back.events();
      assertEquals(List.of("approval_resolved", "tool_result", "text", "done"), Asking.types(rest));
      assertEquals(5, rest.getFirst().seq());
      assertEquals(List.of("first", "ran"), Files.readAllLines(effect()));
    }
  }

  @Test
  void anOrderlyStopDoesNotWaitForAnAnswer() throws Exception {
    Map<String, String> patient = Map.of("SHUTDOWN_GRACE", "30");
    RawResponse stream;
    long start;
    try (TestAgent agent = TestAgent.start(folder, patient)) {
      stream = new Asking(agent.port()).say("c", Asking.RISKY);
      stream.until("approval_required");
      start = System.nanoTime();
    }
    assertTrue(Duration.ofNanos(System.nanoTime() - start).toSeconds() < 10);
    List<Event> last = stream.events();
    assertEquals(List.of("error", "done"), Asking.types(last));
    assertEquals("restarting", last.getFirst().json().path("code").asText());
    stream.close();
    try (TestAgent agent = TestAgent.start(folder)) {
      Asking client = new Asking(agent.port());
      client.expect(200, client.list("").path("approvals").get(0).path("id").asText(), "deny");
      try (RawResponse back = agent.stream("c", "?after=2&deltas=false")) {
        assertEquals(
            List.of("stream_meta", "approval_resolved", "tool_result", "text", "done"),
            back.types());
      }
    }
  }

  @Test
  void aQuestionThatRanOutWhileTheAgentWasDownIsClosedAtItsStart() throws Exception {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse stream = new Asking(agent.port()).say("c", Asking.RISKY)) {
      stream.until("approval_required");
    }
    sql("update approvals set expires_at = 1");
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse back = agent.stream("c", "?after=2&deltas=false")) {
      List<Event> rest = back.events();
      assertEquals("expired", rest.get(1).json().path("decision").asText());
      assertEquals("done", rest.getLast().type());
    }
  }

  @Test
  void anAnswerToOtherArgumentsIsNoAnswer() throws Exception {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse stream = new Asking(agent.port()).say("c", Asking.RISKY)) {
      stream.until("approval_required");
    }
    sql(
        "update messages set tool_calls = replace(tool_calls, 'echo ran', 'echo changed')"
            + " where tool_calls is not null");
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse back = agent.stream("c", "?after=2&deltas=false")) {
      Asking client = new Asking(agent.port());
      client.expect(200, client.list("").path("approvals").get(0).path("id").asText(), "once");
      assertTrue(back.until("tool_result").content().contains("not those that were allowed"));
      back.until("done");
    }
    assertTrue(Files.notExists(effect()));
  }

  private void sql(String statement) throws SQLException {
    String url = "jdbc:sqlite:" + folder.resolve("data/agent.db");
    try (Connection connection = DriverManager.getConnection(url);
        Statement sql = connection.createStatement()) {
      assertEquals(1, sql.executeUpdate(statement));
    }
  }

  private Path effect() {
    return TestAgent.workspace(folder).resolve("effect");
  }
}
