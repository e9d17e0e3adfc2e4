package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several messages on one chat. */
final class QueueTest {
  @TempDir Path folder;

  @Test
  void w23MessagesOfOneChatRunOneAfterTheOtherAndTheTenthIsRefused() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      List<RawResponse> streams = new ArrayList<>();
      streams.add(agent.say("c", TestAgent.holding("h")));
      streams.getFirst().until("tool_use");
      for (int i = 1; i <= 8; i++) {
        streams.add(agent.say("c", "message " + i));
        assertEquals("keepalive", streams.getLast().event().orElseThrow().type());
      }
      try (RawResponse tenth = agent.say("c", "one too many")) {
        assertEquals(429, tenth.status());
        assertEquals("{\"error\":\"too many queued messages for this chat\"}", tenth.text());
      }
      try (RawResponse other = agent.say("another chat", "hello")) {
        assertEquals(List.of("text", "done"), other.types());
      }
      agent.letGo("h");
      List<Long> numbers = new ArrayList<>();
      for (RawResponse stream : streams) {
        stream.events().forEach(event -> numbers.add(event.seq()));
        stream.close();
      }
      for (int i = 0; i < numbers.size(); i++) {
        // The first event of the first stream was read before.
        assertEquals(i + 2, numbers.get(i));
      }
      List<String> asked = new ArrayList<>();
      boolean user = true;
      for (JsonNode row : agent.history("c")) {
        if (row.path("type").asText().equals("text")) {
          assertEquals(user, row.path("name").asText().equals("user"), row.toString());
          user = !user;
          asked.add(row.path("content").asText());
        }
      }
      assertEquals("message 8", asked.get(asked.size() - 2));
    }
  }

  @Test
  void aStoppedTurnSaysSoAndTheNextOneRuns() throws Exception {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse held = agent.say("c", TestAgent.holding("h"))) {
      held.until("tool_use");
      try (RawResponse waiting = agent.say("c", "next")) {
        JsonNode active = agent.get("/chat/c/active").json();
        assertTrue(active.path("active").asBoolean());
        assertEquals(TestAgent.holding("h"), active.path("user_message").asText());
        assertEquals("chat", active.path("mode").asText());

        JsonNode stopped = agent.request("POST", "/chat/c/stop", "").json();
        assertEquals("{\"status\":\"ok\",\"cancelled\":true}", stopped.toString());
        Event error = held.until("error");
        assertEquals("Chat run was cancelled.", error.content());
        assertEquals("cancelled", error.json().path("code").asText());
        assertEquals(List.of("done"), held.types());
        assertEquals(List.of("text", "done"), waiting.types());
      }
      JsonNode idle = agent.get("/chat/c/active").json();
      assertEquals("{\"active\":false,\"user_message\":\"\",\"mode\":\"chat\"}", idle.toString());
      JsonNode again = agent.request("POST", "/chat/c/stop", "").json();
      assertFalse(again.path("cancelled").asBoolean());
    }
  }

  @Test
  void w23ANewerMessageSupersedesWhenConfigured() throws Exception {
    try (TestAgent agent = TestAgent.start(folder, Map.of("CHAT_CONCURRENCY", "supersede"));
        RawResponse held = agent.say("c", TestAgent.holding("h"))) {
      held.until("tool_use");
      try (RawResponse newer = agent.say("c", "newer")) {
        assertEquals(List.of("error", "done"), held.types());
        assertEquals(List.of("text", "done"), newer.types());
      }
    }
  }

  @Test
  void deletingAChatCancelsItsTurnsAndKeepsItsNumbers() throws Exception {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse held = agent.say("c/d", TestAgent.holding("h"))) {
      held.until("tool_use");
      long last;
      try (RawResponse waiting = agent.say("c/d", "waits")) {
        JsonNode deleted = agent.request("DELETE", "/chat/c%2Fd", "").json();
        assertEquals("ok", deleted.path("status").asText());
        assertEquals(3, deleted.path("deleted").asInt());
        assertEquals(List.of("error", "done"), held.types());
        List<Event> events = waiting.events();
        assertEquals("Chat run was cancelled.", events.getFirst().content());
        last = 5;
      }
      assertEquals(0, agent.history("c/d").size());
      try (RawResponse replay = agent.stream("c/d", "?after=0")) {
        assertEquals(List.of("done"), replay.types());
      }
      try (RawResponse next = agent.say("c/d", "hello again")) {
        assertEquals(last + 1, next.until("text").seq());
      }
    }
  }

  @Test
  void whoJoinedTheRunningTurnSeesItsEndAlsoWhenAWaitingOneIsCancelledFirst() throws Exception {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse held = agent.say("c", TestAgent.holding("h"))) {
      held.until("tool_use");
      try (RawResponse waiting = agent.say("c", "waits");
          RawResponse joined = agent.stream("c", "?deltas=false")) {
        String turn = joined.until("stream_meta").json().path("turn_id").asText();
        waiting.event();
        agent.request("DELETE", "/chat/c", "").close();
        List<Event> events = joined.events();
        assertEquals("done", events.getLast().type());
        String last =
            events.stream()
                .filter(event -> event.type().equals("stream_meta"))
                .reduce((_, later) -> later)
                .orElseThrow()
                .json()
                .path("turn_id")
                .asText();
        assertEquals(turn, last, events.toString());
        assertEquals(List.of("error", "done"), held.types());
      }
    }
  }

  @Test
  void whatWasDeletedIsShownToNobodyAlsoWhileTheChatIsFollowed() throws Exception {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse follower = agent.stream("c", "?follow=true")) {
      follower.event();
      agent.sayToTheEnd("c", "one");
      agent.request("DELETE", "/chat/c", "").close();
      try (RawResponse replay = agent.stream("c", "?after=0")) {
        assertEquals(List.of("done"), replay.types());
      }
      agent.sayToTheEnd("c", "two");
      try (RawResponse replay = agent.stream("c", "?after=0")) {
        List<Event> events = replay.events();
        assertTrue(events.getFirst().json().path("truncated").asBoolean());
        assertEquals("two", events.getFirst().json().path("user_message").asText());
      }
    }
  }

  @Test
  void w35ReadOnlyCallsRunTogetherAndAnswerInTheirOrder() throws Exception {
    // A page is given out only once all three have been asked for; the last one asked comes first.
    try (ServerSocket pages = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread server = Thread.ofVirtual().start(() -> serveBackwards(pages, 3));
      String host = "127.0.0.1:" + pages.getLocalPort();
      StringBuilder message = new StringBuilder();
      for (String name : List.of("first", "second", "third")) {
        message.append("/tool web_fetch {\"url\":\"http://" + host + "/" + name + "\"}\n");
      }
      message.append(TestAgent.bash("echo fourth"));
      try (TestAgent agent = TestAgent.start(folder, Map.of("NET_ALLOW_HOSTS", host));
          RawResponse stream = agent.say("c", message.toString())) {
        List<Event> events = stream.events();
        assertEquals(
            List.of(
                "tool_use",
                "tool_use",
                "tool_use",
                "tool_result",
                "tool_result",
                "tool_result",
                "tool_use",
                "tool_result",
                "text",
                "done"),
            events.stream().map(Event::type).toList());
        String report = events.get(8).content();
        int at = 0;
        for (String name : List.of("page /first", "page /second", "page /third", "\nfourth")) {
          assertTrue(report.indexOf(name) >= at, report);
          at = report.indexOf(name);
        }
      }
      server.join();
    }
  }

  private static void serveBackwards(ServerSocket pages, int count) {
    try {
      List<Socket> asked = new ArrayList<>();
      List<String> names = new ArrayList<>();
      while (asked.size() < count) {
        Socket socket = pages.accept();
        byte[] request = new byte[4096];
        int length = socket.getInputStream().read(request);
        names.add(new String(request, 0, length, StandardCharsets.US_ASCII).split(" ", 3)[1]);
        asked.add(socket);
      }
      for (int i = count - 1; i >= 0; i--) {
        String body = "page " + names.get(i);
        String answer =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body;
        asked.get(i).getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        asked.get(i).close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void w12AMessageThatTakesTooLongEndsWithItsLimitNamed() throws Exception {
    try (TestAgent agent = TestAgent.start(folder, Map.of("TURN_TIMEOUT", "1"));
        RawResponse held = agent.say("c", TestAgent.holding("h"))) {
      Event error = held.until("error");
      assertEquals("turn_timeout", error.json().path("code").asText());
      assertTrue(error.content().contains("1 seconds"), error.content());
      assertEquals(List.of("done"), held.types());
      Await.until(
          "the tool's processes are gone",
          TestAgent.WAIT_MAX,
          () -> !isRunning("until [ -e h.go ]"));
    }
  }

  private static boolean isRunning(String command) throws IOException {
    return ProcessHandle.allProcesses()
        .anyMatch(process -> process.info().commandLine().orElse("").contains(command));
  }
}
