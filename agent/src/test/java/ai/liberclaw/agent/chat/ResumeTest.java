package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers of a chat's log come and go; the log does not care. */
final class ResumeTest {
  @TempDir Path folder;

  @Test
  void aTurnGoesOnWithoutItsReaderAndIsReadFromWhereItWasLost() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      try (RawResponse lost = agent.say("c", TestAgent.holding("h"))) {
        assertEquals(1, lost.until("tool_use").seq());
      }
      try (RawResponse resumed = agent.stream("c", "?after=1")) {
        Event meta = resumed.until("stream_meta");
        assertEquals(TestAgent.holding("h"), meta.json().path("user_message").asText());
        assertEquals("chat", meta.json().path("mode").asText());
        assertFalse(meta.json().has("truncated"));
        assertFalse(meta.json().has("seq"));
        agent.letGo("h");
        Event text = resumed.until("text");
        assertEquals(3, text.seq());
        assertEquals(Optional.of(3L), text.id());
        Event done = resumed.until("done");
        assertEquals(4, done.seq());
        assertEquals(List.of(), resumed.types());
      }
    }
  }

  @Test
  void everyVariantOfTheStreamShowsItsPart() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      try (RawResponse idle = agent.stream("c", "")) {
        assertEquals("data: {\"type\":\"done\"}\n\n", idle.text());
      }
      agent.sayToTheEnd("c", "one");
      agent.sayToTheEnd("c", "two");
      assertEquals(
          List.of("stream_meta", "text", "done", "stream_meta", "text", "done"),
          types(agent, "c", "?after=0"));
      assertEquals(
          List.of("stream_meta", "done", "stream_meta", "text", "done"),
          types(agent, "c", "?after=1"));
      assertEquals(List.of("stream_meta", "text", "done"), types(agent, "c", "?after=2"));
      assertEquals(List.of("done"), types(agent, "c", "?after=4"));
      assertEquals(List.of("done"), types(agent, "c", ""));
      try (RawResponse ahead = agent.stream("c", "?after=99")) {
        List<Event> all = ahead.events();
        assertTrue(all.getFirst().json().path("truncated").asBoolean());
        assertEquals(6, all.size());
        assertFalse(all.get(3).json().has("truncated"));
      }
      try (RawResponse header =
          RawResponse.send(
              agent.port(),
              "GET",
              "/chat/c/stream?after=0",
              Map.of("Authorization", TestAgent.SECRET, "Last-Event-ID", "3"),
              "")) {
        assertEquals(List.of("stream_meta", "done"), header.types());
      }
      for (String bad : List.of("?after=x", "?after=-1", "?follow=maybe", "?deltas=2")) {
        try (RawResponse refused = agent.stream("c", bad)) {
          assertEquals(422, refused.status(), bad);
        }
      }
    }
  }

  @Test
  void aReaderWithoutANumberGetsTheRunningTurnFromItsStart() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      agent.sayToTheEnd("c", "before");
      try (RawResponse post = agent.say("c", TestAgent.holding("h"))) {
        post.until("tool_use");
        try (RawResponse second = agent.stream("c", "?deltas=false");
            RawResponse waiting = agent.say("c", "after")) {
          assertEquals("stream_meta", second.event().orElseThrow().type());
          assertEquals(3, second.until("tool_use").seq());
          agent.letGo("h");
          assertEquals(List.of("tool_result", "text", "done"), second.types());
          waiting.until("done");
        }
      }
    }
  }

  @Test
  void aFollowerStaysAcrossTurnsAndSeesTheTextGrow() throws Exception {
    try (TestAgent agent = TestAgent.start(folder, Map.of("KEEPALIVE_INTERVAL", "1"));
        RawResponse follower = agent.stream("c", "?follow=true")) {
      assertEquals("keepalive", follower.event().orElseThrow().type());
      agent.sayToTheEnd("c", "one");
      assertEquals("one", follower.until("stream_meta").json().path("user_message").asText());
      follower.until("text_delta");
      assertEquals(2, follower.until("done").seq());
      assertEquals("keepalive", follower.event().orElseThrow().type());
      agent.sayToTheEnd("c", "two");
      assertEquals("two", follower.until("stream_meta").json().path("user_message").asText());
      assertEquals(4, follower.until("done").seq());
    }
  }

  @Test
  void aReaderWhoComesAfterARestartMissesNothing() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      agent.sayToTheEnd("c", "one");
    }
    try (TestAgent agent = TestAgent.start(folder)) {
      assertEquals(List.of("stream_meta", "text", "done"), types(agent, "c", "?after=0"));
      try (RawResponse next = agent.say("c", "two")) {
        assertEquals(3, next.until("text").seq());
      }
    }
  }

  @Test
  void readersAreToldOfAnOrderlyStopAndTheTurnGoesOnAfterIt() throws Exception {
    RawResponse post;
    RawResponse follower;
    try (TestAgent agent = TestAgent.start(folder)) {
      post =
          agent.say(
              "c",
              TestAgent.bash("echo once >> effect; sleep 300")
                  + "\n"
                  + TestAgent.bash("echo second call"));
      post.until("tool_use");
      follower = agent.stream("other", "?follow=true");
      assertEquals("keepalive", follower.event().orElseThrow().type());
      Await.until(
          "the tool runs",
          TestAgent.WAIT_MAX,
          () -> Files.exists(agent.workspace().resolve("effect")));
    }
    for (RawResponse stream : List.of(post, follower)) {
      List<Event> last = stream.events();
      assertEquals(List.of("error", "done"), last.stream().map(Event::type).toList());
      assertEquals("restarting", last.getFirst().json().path("code").asText());
      assertFalse(last.getFirst().json().has("seq"));
      stream.close();
    }
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse resumed = agent.stream("c", "?after=1&deltas=false")) {
      Event text = resumed.until("text");
      assertTrue(text.content().contains("may or may not have taken effect"), text.content());
      assertTrue(text.content().contains("\nsecond call\n"), text.content());
      assertEquals("done", resumed.event().orElseThrow().type());
      assertEquals(1, Files.readAllLines(agent.workspace().resolve("effect")).size());
      for (JsonNode event : agent.history("c")) {
        assertTrue(event.path("timestamp_ms").asLong() > 1_700_000_000_000L, event.toString());
      }
    }
  }

  @Test
  void whoJoinsInsideATextGetsItSoFarInOnePiece() throws Exception {
    String text = "a long answer that is written slowly, piece by piece, while readers come and go";
    try (ModelServer model = ModelServer.start();
        TestAgent agent = TestAgent.start(folder, TestAgent.asking(model))) {
      model.enqueue(ModelAnswer.text(text).withChunkPause(Duration.ofMillis(60)));
      String body = Json.write(TestAgent.message("c", "x").put("deltas", true));
      try (RawResponse first = agent.request("POST", "/chat", body)) {
        StringBuilder soFar = new StringBuilder();
        for (int i = 0; i < 3; i++) {
          soFar.append(first.until("text_delta").content());
        }
        try (RawResponse joined = agent.stream("c", "")) {
          StringBuilder pieces = new StringBuilder();
          Event event = joined.until("text_delta");
          assertTrue(event.content().startsWith(soFar.toString()), event.content());
          while (event.type().equals("text_delta")) {
            pieces.append(event.content());
            event = joined.event().orElseThrow();
          }
          assertEquals(text, pieces.toString());
          assertEquals(text, event.content());
        }
      }
    }
  }

  @Test
  void whoseNumberIsOlderThanTheLogIsToldSo() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      agent.sayToTheEnd("c", "old");
      agent.sayToTheEnd("c", "new");
    }
    String url = "jdbc:sqlite:" + folder.resolve("data/agent.db");
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      assertEquals(2, statement.executeUpdate("update events set created_at = 1 where seq <= 2"));
    }
    try (TestAgent agent = TestAgent.start(folder)) {
      Await.until(
          "old events are gone",
          TestAgent.WAIT_MAX,
          () -> types(agent, "c", "?after=0").size() == 3);
      try (RawResponse stream = agent.stream("c", "?after=1")) {
        List<Event> events = stream.events();
        assertTrue(events.getFirst().json().path("truncated").asBoolean());
        assertEquals("new", events.getFirst().json().path("user_message").asText());
        assertEquals(3, events.get(1).seq());
      }
      try (RawResponse stream = agent.stream("c", "?after=2")) {
        assertFalse(stream.until("stream_meta").json().has("truncated"));
      }
    }
  }

  private static List<String> types(TestAgent agent, String chatId, String query)
      throws IOException {
    try (RawResponse stream = agent.stream(chatId, query)) {
      return stream.types();
    }
  }
}
