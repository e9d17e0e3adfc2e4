package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.DAILY_USAGE;

import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A signed-in owner with one agent, and what tests ask of their conversation. */
record TestChat(TestApi api, String token, UUID user, UUID agent) {
  /** What an agent of ours can do. */
  static final String[] OURS = {"queue", "resume", "deltas", "approvals"};

  static final String HELLO = "{\"message\":\"hello\"}";
  static final String DONE = "{\"type\":\"done\"}";

  static TestChat with(TestApi api, StubAgent stub) throws Exception {
    TestApi.Tokens tokens = api.guest();
    UUID user = api.userId(tokens);
    return new TestChat(api, tokens.access(), user, api.adoptAgent(user, stub));
  }

  /** The same conversation by way of another server. */
  TestChat through(TestApi other) {
    return new TestChat(other, token, user, agent);
  }

  /** The same owner's conversation with another agent. */
  TestChat another(StubAgent stub) {
    return new TestChat(api, token, user, api.adoptAgent(user, stub));
  }

  String id() {
    return user + ":" + agent;
  }

  ChatClient send(String body, String... headers) throws Exception {
    return ChatClient.open(api, "POST", "/chat/" + agent, token, body, headers);
  }

  ChatClient read(String query, String... headers) throws Exception {
    return ChatClient.open(api, "GET", "/chat/" + agent + "/stream" + query, token, null, headers);
  }

  HttpResponse<String> post(String body, String... headers) throws Exception {
    return api.call("POST", "/chat/" + agent, token, body, headers);
  }

  HttpResponse<String> call(String method, String path) throws Exception {
    return call(method, path, null);
  }

  HttpResponse<String> call(String method, String path, @Nullable String body) throws Exception {
    return api.call(method, "/chat/" + agent + path, token, body);
  }

  /** Messages counted today. */
  int counted() {
    return api.sql()
        .select(DAILY_USAGE.MESSAGE_COUNT)
        .from(DAILY_USAGE)
        .where(DAILY_USAGE.USER_ID.eq(user))
        .fetchOptional(DAILY_USAGE.MESSAGE_COUNT)
        .orElse(0);
  }

  static List<String> types(List<JsonNode> events) {
    return events.stream().map(e -> e.path("type").asText()).toList();
  }

  /** An agent whose turns begin with a text and end when told to, with keepalives in between. */
  static StubAgent heldOpen(CountDownLatch go) throws IOException {
    return new StubAgent()
        .on(
            "POST /chat",
            (_, c) -> {
              c.head();
              c.event("{\"type\":\"text\",\"content\":\"a\"}");
              while (!go.await(100, TimeUnit.MILLISECONDS)) {
                c.event("{\"type\":\"keepalive\"}");
              }
              c.event(DONE);
              c.end();
            });
  }

  /** Threads of this process that work for streams; virtual ones are seen in a dump alone. */
  static long streamThreads() throws Exception {
    Path dump = Files.createTempFile("threads", ".txt");
    Files.delete(dump);
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
      return Files.readAllLines(dump).stream()
          .filter(line -> line.matches(".*\"(relay-|sse-|pending-|turn-stop).*"))
          .count();
    } finally {
      Files.deleteIfExists(dump);
    }
  }
}
