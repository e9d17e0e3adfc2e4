package ai.liberclaw.agent.pending;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Final texts that found no reader. */
final class PendingTest {
  @TempDir Path folder;

  @Test
  void theAnswerToAClientThatLeftWaitsToBeFetchedOnce() throws Exception {
    try (TestAgent agent = TestAgent.start(folder, Map.of("KEEPALIVE_INTERVAL", "1"))) {
      try (RawResponse lost = agent.say("a", TestAgent.holding("h"))) {
        lost.until("tool_use");
      }
      agent.letGo("h");
      Await.until("the turn ends", TestAgent.WAIT_MAX, () -> !active(agent, "a"));
      assertEquals(0, agent.pending("?chat_id=b").size());
      JsonNode[] fetched = new JsonNode[1];
      Await.until(
          "the text is there",
          TestAgent.WAIT_MAX,
          () -> {
            fetched[0] = agent.pending("?chat_id=a");
            return fetched[0].size() > 0;
          });
      assertEquals(1, fetched[0].size());
      JsonNode row = fetched[0].get(0);
      assertEquals("a", row.path("chat_id").asText());
      assertEquals("chat", row.path("source").asText());
      assertTrue(row.path("content").asText().contains("The tools answered"), row.toString());
      assertTrue(
          row.path("created_at")
              .asText()
              .matches("\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}\\.\\d{6}\\+00:00"));
      assertEquals(0, agent.pending("").size());
    }
  }

  @Test
  void whatAReaderGotIsNotPending() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      agent.sayToTheEnd("a", "hello");
      assertEquals(0, agent.pending("").size());
    }
  }

  @Test
  void aReaderWhoComesBackFirstWithdrawsIt() throws Exception {
    try (TestAgent agent = TestAgent.start(folder, Map.of("KEEPALIVE_INTERVAL", "1"))) {
      try (RawResponse lost = agent.say("a", TestAgent.holding("h"))) {
        lost.until("tool_use");
      }
      agent.letGo("h");
      Await.until("the turn ends", TestAgent.WAIT_MAX, () -> !active(agent, "a"));
      try (RawResponse back = agent.stream("a", "?after=1")) {
        back.until("done");
      }
      assertEquals(0, agent.pending("").size());
    }
  }

  @Test
  void nothingIsKeptForAClientThatResumes() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      String body =
          Json.write(TestAgent.message("a", TestAgent.holding("h")).put("client_message_id", "1"));
      try (RawResponse lost = agent.request("POST", "/chat", body)) {
        lost.until("tool_use");
      }
      agent.letGo("h");
      Await.until("the turn ends", TestAgent.WAIT_MAX, () -> !active(agent, "a"));
      assertEquals(0, agent.pending("").size());
    }
  }

  @Test
  void w9TwoPollsAtOnceNeverGetTheSameRow() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      for (int round = 0; round < 10; round++) {
        leaveRows(agent, round, 20);
        CyclicBarrier together = new CyclicBarrier(2);
        Callable<JsonNode> poll =
            () -> {
              together.await();
              return agent.pending("");
            };
        FutureTask<JsonNode> first = new FutureTask<>(poll);
        FutureTask<JsonNode> second = new FutureTask<>(poll);
        Thread.ofVirtual().start(first);
        Thread.ofVirtual().start(second);
        List<String> fetched = new ArrayList<>();
        first.get().forEach(row -> fetched.add(row.path("content").asText()));
        second.get().forEach(row -> fetched.add(row.path("content").asText()));
        assertEquals(20, fetched.size(), fetched.toString());
        assertEquals(20, Set.copyOf(fetched).size(), fetched.toString());
      }
      assertEquals(200, archived(agent));
    }
  }

  /** Rows that were handed out and can still be looked up. */
  private static int archived(TestAgent agent) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + agent.database());
        Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery("select count(distinct content) from pending_archive")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private static void leaveRows(TestAgent agent, int round, int count) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + agent.database());
        Statement sql = connection.createStatement()) {
      sql.execute("pragma busy_timeout = 5000");
      sql.execute(
          "insert into pending_messages (chat_id, content) with recursive n(i) as (select 1 union"
              + " all select i + 1 from n where i < "
              + count
              + ") select 'c', '"
              + round
              + "-' || i from n");
    }
  }

  private static boolean active(TestAgent agent, String chatId) throws Exception {
    try (RawResponse response = agent.get(TestAgent.path(chatId) + "/active")) {
      return response.json().path("active").asBoolean();
    }
  }
}
