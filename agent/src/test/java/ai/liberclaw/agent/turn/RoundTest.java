package ai.liberclaw.agent.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.agent.approval.Approval;
import ai.liberclaw.agent.approval.ApprovalStatus;
import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.model.ModelSettings;
import ai.liberclaw.agent.model.Models;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.model.VisionLog;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What readers, the model and the store get of the calls of one reply. */
final class RoundTest {
  @TempDir Path folder;

  @Test
  void everyResultIsShownToReadersAndItsFactsAreStored() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      String message =
          """
          /tool write_file {"path":"caf\u00e9.txt","content":"x"}
          /tool send_file {"path":"caf\u00e9.txt","caption":"for you"}
          /tool bash {"command":"seq 1 900"}
          /tool read_file not-json
          """;
      List<Event> results = new ArrayList<>();
      try (RawResponse stream = agent.say("c", message)) {
        for (Event event : stream.events()) {
          if (event.type().equals("tool_result")) {
            results.add(event);
          }
        }
      }
      assertEquals(4, results.size());
      for (Event result : results) {
        List<String> fields = new ArrayList<>();
        result.json().fieldNames().forEachRemaining(fields::add);
        assertEquals(
            List.of(
                "type",
                "seq",
                "timestamp_ms",
                "name",
                "is_error",
                "duration_ms",
                "truncated",
                "metadata",
                "artifacts",
                "content"),
            fields);
        assertTrue(result.json().path("metadata").isObject());
        assertTrue(result.json().path("duration_ms").isIntegralNumber());
      }
      JsonNode sent = results.get(1).json();
      assertEquals(
          "[{\"type\":\"file\",\"path\":\"caf\u00e9.txt\",\"caption\":\"for you\"}]",
          sent.path("artifacts").toString());
      assertFalse(sent.path("is_error").asBoolean());
      JsonNode cut = results.get(2).json();
      assertTrue(cut.path("truncated").asBoolean());
      assertEquals(2000, cut.path("content").asText().length());
      assertTrue(results.get(3).json().path("is_error").asBoolean());
      assertTrue(results.get(3).content().contains("not valid JSON"));
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + agent.database());
          Statement sql = connection.createStatement();
          ResultSet rows =
              sql.executeQuery("select metadata from messages where role = 'tool' order by id")) {
        for (Event result : results) {
          assertTrue(rows.next());
          ObjectNode facts = (ObjectNode) result.json().deepCopy();
          facts.remove(List.of("type", "seq", "timestamp_ms", "content"));
          assertEquals(facts, Json.parse(rows.getString(1)));
        }
      }
    }
  }

  @Test
  void whoWantsDeltasIsToldWhatEachReplyCostAndTheTurnAddsItUp() throws Exception {
    try (ModelServer model = ModelServer.start();
        TestAgent agent = TestAgent.start(folder, TestAgent.asking(model))) {
      model.enqueue(
          ModelAnswer.textAndCalls("I look.", new ModelAnswer.Call("1", "list_dir", "{}")),
          ModelAnswer.text("Seen."));
      String body = Json.write(TestAgent.message("c", "look").put("deltas", true));
      List<Event> events = new ArrayList<>();
      try (RawResponse stream = agent.request("POST", "/chat", body)) {
        for (Event event : stream.events()) {
          if (!event.type().equals("text_delta")) {
            events.add(event);
          }
        }
      }
      assertEquals(
          List.of("text", "usage", "tool_use", "tool_result", "text", "usage", "done"),
          events.stream().map(Event::type).toList());
      JsonNode usage = events.get(1).json();
      assertFalse(usage.has("seq"));
      assertTrue(events.get(1).id().isEmpty());
      assertTrue(usage.path("prompt_tokens").asLong() > 0, usage.toString());
      assertTrue(usage.has("cached_tokens") && usage.has("completion_tokens"));
      long prompt =
          usage.path("prompt_tokens").asLong()
              + events.get(5).json().path("prompt_tokens").asLong();
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + agent.database());
          Statement sql = connection.createStatement();
          ResultSet row =
              sql.executeQuery(
                  "select t.model, t.model_calls, t.prompt_tokens, u.model, u.calls,"
                      + " u.prompt_tokens, u.provider from turns t, model_usage u")) {
        assertTrue(row.next());
        assertEquals(usage.path("model").asText(), row.getString(1));
        assertEquals(2, row.getInt(2));
        assertEquals(prompt, row.getLong(3));
        assertEquals(row.getString(1), row.getString(4));
        assertEquals(2, row.getInt(5));
        assertEquals(prompt, row.getLong(6));
        assertEquals("openai", row.getString(7));
        assertFalse(row.next());
      }
    }
  }

  @Test
  void whatNoProviderToldOfStaysUnknownOfATurn() throws Exception {
    try (EngineBench bench = new EngineBench(folder)) {
      bench.people(bench.rows());
      bench.read(bench.submit("c", "one"));
      bench.read(bench.submit("c", "two"));
      var turn = bench.sql().fetchOne("select model_calls, prompt_tokens from turns limit 1");
      assertEquals("1 null", turn.get(0) + " " + turn.get(1));
      var day =
          bench.sql().fetchOne("select provider, model, calls, prompt_tokens from model_usage");
      assertEquals(
          "offline offline-demo 2 0",
          day.get(0) + " " + day.get(1) + " " + day.get(2) + " " + day.get(3));
    }
  }

  @Test
  void picturesOfAToolAreShownToTheModelOnce() throws Exception {
    try (ModelServer server = ModelServer.start();
        EngineBench bench =
            new EngineBench(
                folder,
                Models.create(
                        ModelSettings.fromEnv(new EnvReader(TestAgent.asking(server))),
                        VisionLog.silent())
                    .model())) {
      server.enqueue(
          ModelAnswer.calls(
              new ModelAnswer.Call("1", "camera", "{}"), new ModelAnswer.Call("2", "script", "{}")),
          ModelAnswer.call("nothing", "{}"),
          ModelAnswer.text("Nice."));
      bench.people(bench.rows(), new Camera(), new Script());
      List<String> ignored = bench.read(bench.submit("c", "look"));
      JsonNode shown = server.requests().get(1).lastMessage();
      assertEquals("user", shown.path("role").asText());
      assertEquals(
          "[Images returned by tools: camera, script]",
          shown.path("content").path(0).path("text").asText());
      assertEquals(2, shown.path("content").findValues("image_url").size(), shown.toString());
      String later = server.requests().get(2).messages().toString();
      assertFalse(later.contains("Images returned") || later.contains("AAAA"), later);
      String stored = bench.sql().fetch("select * from messages").toString();
      assertFalse(stored.contains("Images returned") || stored.contains("AAAA"), stored);
      assertEquals(List.of(), server.violations());
    }
  }

  @Test
  void callsInsideACallAreUnderTheSamePolicyAndNobodyIsAskedFromThere() throws Exception {
    try (EngineBench bench = new EngineBench(folder)) {
      bench.people(bench.rows(), new Script(), new Camera(), new Risky(() -> {}));
      Turn turn =
          bench
              .engine
              .submit(
                  new NewTurn("c", "/tool script {}", NewTurn.MODE_CHAT, Optional.empty(), true)
                      .asking()
                      .under("auto-read"))
              .turn();
      List<String> events = bench.read(turn);
      // The script itself only reads; what it calls does not.
      assertTrue(events.get(1).contains("\"type\":\"guardrail_blocked\""), events.get(1));
      assertTrue(events.get(1).contains("auto-read"), events.get(1));
      assertTrue(events.get(2).contains("guardrail blocked camera"), events.get(2));

      List<String> asking = bench.read(bench.submitAsking("c", "/tool script {\"risky\":true}"));
      assertTrue(asking.get(1).contains("call risky directly"), asking.get(1));
      List<String> allowed = bench.read(bench.submit("c", "/tool script {}"));
      assertTrue(allowed.get(1).contains("\"type\":\"file\""), allowed.get(1));
      assertTrue(allowed.get(2).contains("click"), allowed.get(2));
    }
  }

  @Test
  void aPausedTurnIsStoredAsSuchAndRunsAgainWhateverTheAnswer() throws Exception {
    try (EngineBench bench = new EngineBench(folder)) {
      List<String> states = new ArrayList<>();
      Runnable look =
          () -> states.add(bench.sql().fetchSingle("select state from turns").get(0, String.class));
      bench.people(bench.rows(), new Risky(look), new Script());
      Turn turn = bench.submitAsking("c", "/tool risky {}\n/tool risky {}\n/tool risky {}");
      for (ApprovalStatus answer :
          List.of(ApprovalStatus.ONCE, ApprovalStatus.DENY, ApprovalStatus.TURN)) {
        Approval asked =
            Await.value(
                "somebody is asked",
                TestAgent.WAIT_MAX,
                () -> bench.approvals.open(Optional.of("c")).stream().findFirst());
        look.run();
        bench.desk.decide(asked.question().id(), answer, "ada");
      }
      List<String> events = bench.read(turn);
      assertEquals(List.of("paused", "running", "paused", "paused", "running"), states);
      assertTrue(events.getLast().contains("\"type\":\"done\""));
    }
  }

  @Test
  void pausesOfATurnAreNotItsTime() throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    TurnTimer.start(Duration.ofMillis(300), closed::countDown).close();
    try (TurnTimer paused = TurnTimer.start(Duration.ofMillis(300), first::countDown);
        TurnTimer _ = TurnTimer.start(Duration.ofMillis(350), second::countDown)) {
      paused.pause();
      assertTrue(second.await(5, TimeUnit.SECONDS));
      assertEquals(1, first.getCount());
      assertEquals(1, closed.getCount());
      paused.resume();
      assertTrue(first.await(5, TimeUnit.SECONDS));
    }
  }

  private static ToolDefinition definition(String name) {
    ObjectNode parameters = Json.object().put("type", "object");
    parameters.putObject("properties").putObject("risky").put("type", "boolean");
    return new ToolDefinition(name, name, parameters);
  }

  /** Returns a picture and sends a file. */
  private static final class Camera implements Tool {
    @Override
    public ToolDefinition definition() {
      return RoundTest.definition("camera");
    }

    @Override
    public ToolResult call(ObjectNode arguments, ToolContext context) {
      return ToolResult.file("click", new SentFile("a.png", ""))
          .withImages(List.of(new Image("image/png", "AAAA")));
    }
  }

  /** A guard rail stands against it. */
  private static final class Risky implements Tool {
    private final Runnable effect;

    Risky(Runnable effect) {
      this.effect = effect;
    }

    @Override
    public ToolDefinition definition() {
      return RoundTest.definition("risky");
    }

    @Override
    public Optional<String> guardReason(ObjectNode arguments, ToolContext context) {
      return Optional.of("it is risky");
    }

    @Override
    public ToolResult call(ObjectNode arguments, ToolContext context) {
      effect.run();
      return ToolResult.text("did it");
    }
  }

  /** Calls another tool. */
  private static final class Script implements Tool {
    @Override
    public ToolDefinition definition() {
      return RoundTest.definition("script");
    }

    @Override
    public boolean readOnly() {
      return true;
    }

    @Override
    public ToolResult call(ObjectNode arguments, ToolContext context) throws InterruptedException {
      String name = arguments.path("risky").asBoolean() ? "risky" : "camera";
      return ToolResult.text(
          context.calls().call(new ToolCall("inside", name, "{}", false)).content());
    }
  }
}
