package ai.liberclaw.agent.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.testkit.await.Await;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streamable HTTP, with servers that use all of it and servers that abuse it. */
final class HttpTest {
  private static final Times IMPATIENT =
      new Times(
          Duration.ofMillis(400),
          McpScene.QUICK.other(),
          McpScene.QUICK.reconnect(),
          McpScene.QUICK.stable(),
          McpScene.QUICK.refresh(),
          McpScene.QUICK.settle(),
          McpScene.QUICK.pause());

  @TempDir Path folder;
  private OddHttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = new OddHttpServer();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private McpScene scene(Map<String, String> headers) throws IOException {
    return new McpScene(folder, McpScene.QUICK, server.settings(headers));
  }

  private static void stream(com.sun.net.httpserver.HttpExchange exchange, String events)
      throws IOException {
    OddHttpServer.send(exchange, 200, "text/event-stream", events);
  }

  @Test
  void theProtocolsHeadersAreItsOwnAndTheOwnersGoAlong() throws Exception {
    Map<String, String> headers =
        Map.of(
            "Authorization", "Bearer " + McpScene.SECRET,
            "accept", "text/html",
            "mcp-session-id", "mine",
            "Content-Type", "text/plain");
    try (McpScene scene = scene(headers).connected()) {
      assertTrue(scene.does("work").content().contains("done"));
    }
    OddHttpServer.Seen initialize = server.seen("initialize").getFirst();
    assertEquals("", initialize.header("Mcp-Session-Id"));
    assertEquals("", initialize.header("MCP-Protocol-Version"));
    OddHttpServer.Seen call = server.seen("tools/call").getFirst();
    assertEquals("session-1", call.header("Mcp-Session-Id"));
    assertEquals("2025-03-26", call.header("MCP-Protocol-Version"));
    for (OddHttpServer.Seen one : List.of(initialize, call)) {
      assertEquals("application/json, text/event-stream", one.header("Accept"));
      assertEquals("application/json", one.header("Content-Type"));
      assertEquals("Bearer " + McpScene.SECRET, one.header("Authorization"));
    }
    assertEquals("DELETE", server.seen.getLast().method());
    assertEquals("session-1", server.seen.getLast().header("Mcp-Session-Id"));
  }

  @Test
  void anAnswerMayComeInAStreamAmongOtherThings() throws Exception {
    server.onCall((exchange, message) -> {
      String id = message.path("id").toString();
      stream(
          exchange,
          ": a comment\n\n"
              + "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":"
              + id
              + ",\"method\":\"ping\"}\n\n"
              + "data: {\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"sampling/createMessage\"}\n\n"
              + "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n\n"
              + "id: 7\ndata: {\"jsonrpc\":\"2.0\",\"id\":"
              + id
              + ",\ndata: \"result\":{\"content\":[{\"type\":\"text\",\"text\":\"streamed\"}]}}\n\n");
    });
    try (McpScene scene = scene(Map.of()).connected()) {
      assertTrue(scene.does("work").content().contains("streamed"));
      Await.until(
          "both requests of the server are answered",
          McpScene.WAIT_MAX,
          () -> server.seen("").stream().filter(one -> one.message().has("id")).count() == 2);
      assertTrue(
          server.seen("").stream()
              .anyMatch(one -> one.message().path("error").path("code").asInt() == -32601));
      assertTrue(server.seen("").stream().anyMatch(one -> one.message().has("result")));
    }
  }

  @Test
  void aLostSessionIsBegunAgainOnceForAllCalls() throws Exception {
    try (McpScene scene = scene(Map.of()).connected()) {
      server.known = "forgotten";
      Toolbox tools = scene.toolbox();
      List<FutureTask<ToolResult>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        FutureTask<ToolResult> call =
            new FutureTask<>(() -> McpScene.call(tools, "mcp_odd_work", "{}"));
        calls.add(call);
        Thread.ofVirtual().start(call);
      }
      for (FutureTask<ToolResult> call : calls) {
        assertTrue(call.get().content().contains("done"), call.get().content());
      }
      assertEquals(2, server.sessions.get());
    }
  }

  @Test
  void aServerThatForgetsEverySessionIsNotAskedForEver() throws Exception {
    try (McpScene scene = scene(Map.of()).connected()) {
      server.onCall((exchange, _) -> OddHttpServer.json(exchange, 404, "{}"));
      ToolResult result = scene.does("work");
      assertTrue(result.content().contains("forgets its sessions"), result.content());
      assertEquals(2, server.seen("tools/call").size());
    }
  }

  @Test
  void redirectsStayWithTheServerAndAreFew() throws Exception {
    for (int hops : List.of(3, 4)) {
      ServerSettings far = new ServerSettings.Http("odd", server.url("/hop/" + hops), Map.of());
      try (McpScene scene = new McpScene(folder, McpScene.QUICK, far)) {
        scene.servers.start();
        Await.until(
            "it has been tried",
            McpScene.WAIT_MAX,
            () -> !scene.health().path("error").asText().equals("not connected yet"));
        assertEquals(hops == 3, scene.health().path("connected").asBoolean());
      }
    }
  }

  @Test
  void aRedirectToElsewhereIsNotFollowed() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    HttpServer elsewhere =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          OddHttpServer.json(exchange, 200, "{}");
        });
    elsewhere.start();
    URI other = URI.create("http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/mcp");
    try (McpScene scene = scene(Map.of("Authorization", McpScene.SECRET)).connected()) {
      server.onCall((exchange, _) -> {
        exchange.getResponseHeaders().set("Location", other.toString());
        OddHttpServer.json(exchange, 307, "{}");
      });
      ToolResult result = scene.does("work");
      assertTrue(result.content().contains("another origin"), result.content());
      assertEquals(0, asked.get());
    } finally {
      elsewhere.stop(0);
    }
  }

  @Test
  void theTimeLimitIsForTheWholeAnswer() throws Exception {
    server.onCall((exchange, message) -> {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        for (int i = 0; i < 1000; i++) {
          out.write(": still here\n\n".getBytes(StandardCharsets.US_ASCII));
          out.flush();
          Thread.sleep(20);
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    });
    try (McpScene scene = new McpScene(folder, IMPATIENT, server.settings(Map.of())).connected()) {
      long began = System.nanoTime();
      ToolResult result = scene.does("work");
      assertTrue(result.content().contains("gave no answer within"), result.content());
      assertTrue(System.nanoTime() - began < Duration.ofSeconds(10).toNanos());
      Await.until(
          "the server is told",
          McpScene.WAIT_MAX,
          () -> !server.seen("notifications/cancelled").isEmpty());
    }
  }

  @Test
  void whatAServerSaysOfAFailureIsCut() throws Exception {
    server.onCall((exchange, _) ->
        OddHttpServer.send(exchange, 500, "text/html", "<h1>\u0007" + "x".repeat(100_000)));
    try (McpScene scene = scene(Map.of()).connected()) {
      ToolResult result = scene.does("work");
      assertTrue(result.isError());
      assertTrue(result.content().contains("HTTP 500: <h1>"), result.content());
      assertTrue(result.content().length() < 900, "length " + result.content().length());
      assertFalse(result.content().contains("\u0007"));
    }
  }

  @Test
  void answersThatAreNoneAreFailures() throws Exception {
    Map<String, OddHttpServer.Call> wrong =
        Map.of(
            "without JSON", (exchange, _) -> OddHttpServer.send(exchange, 200, "text/html", "<p>"),
            "not JSON", (exchange, _) -> OddHttpServer.json(exchange, 200, "{\"half"),
            "something else than was asked",
                (exchange, _) -> OddHttpServer.json(exchange, 200, "{\"id\":999,\"result\":{}}"),
            "without an answer", (exchange, _) -> stream(exchange, "data: {}\n\n"),
            "HTTP 202", (exchange, _) -> OddHttpServer.send(exchange, 202, "", ""));
    for (Map.Entry<String, OddHttpServer.Call> one : wrong.entrySet()) {
      server.onCall(one.getValue());
      try (McpScene scene = scene(Map.of()).connected()) {
        ToolResult result = scene.does("work");
        assertTrue(result.isError());
        assertTrue(result.content().contains(one.getKey()), result.content());
      }
    }
  }

  @Test
  void aServerThatCannotBeReachedIsAReason() throws Exception {
    ServerSettings nobody =
        new ServerSettings.Http("odd", URI.create("http://127.0.0.1:1/mcp"), Map.of());
    try (McpScene scene = new McpScene(folder, McpScene.QUICK, nobody)) {
      scene.servers.start();
      Await.until(
          "health says so",
          McpScene.WAIT_MAX,
          () -> scene.health().path("error").asText().startsWith("cannot be reached"));
    }
  }
}
