package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.MODEL_CALLS;
import static ai.liberclaw.db.platform.Tables.MODEL_USAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelAnswer.Break;
import ai.liberclaw.testkit.sse.RawSse;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Streams through the gateway: whole, broken at either end, silent, and while the server stops. */
@ExtendWith(Postgres.Extension.class)
final class InferenceStreamTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private TestGateway gateway;

  @BeforeEach
  void start(Postgres postgres) throws Exception {
    gateway = new TestGateway(postgres);
  }

  @AfterEach
  void stop() throws Exception {
    gateway.close();
  }

  @Test
  void eventsComeAsTheServiceWroteThemOneByOne() throws Exception {
    String[] chunks = {
      "{\"choices\": [{\"delta\":{\"role\":\"assistant\"}}]}",
      "{\"choices\":[{\"delta\":{\"content\":\"\\u00e9 \\\"usage\\\":{\"}}], \"usage\": null}",
      "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
      "[DONE]"
    };
    gateway.model.enqueue(ModelAnswer.chunks(chunks).withChunkPause(Duration.ofMillis(120)));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      assertEquals(200, stream.status());
      assertTrue(stream.header("Content-Type").startsWith("text/event-stream"));
      List<Long> arrivals = new ArrayList<>();
      StringBuilder expected = new StringBuilder();
      for (String chunk : chunks) {
        RawSse.Event event = stream.next(SOON);
        arrivals.add(event.arrivedNanos());
        expected.append("data: ").append(chunk).append("\n\n");
      }
      assertEquals(expected.toString(), stream.bodyText(SOON));
      assertTrue(stream.isComplete());
      for (int i = 1; i < arrivals.size(); i++) {
        assertTrue(arrivals.get(i) - arrivals.get(i - 1) > 50_000_000, "events came together");
      }
    }
  }

  @Test
  void theUsageIsAskedForAndShownOnlyToWhoAskedForIt() throws Exception {
    gateway.model.respond(_ -> ModelAnswer.text("Hello there"));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      String body = stream.bodyText(SOON);
      assertTrue(body.endsWith("data: [DONE]\n\n"), body);
      assertFalse(body.contains("prompt_tokens"), body);
    }
    assertTrue(
        gateway
            .model
            .lastRequest()
            .body()
            .path("stream_options")
            .path("include_usage")
            .asBoolean());
    ObjectNode asking = TestGateway.chat("Hello");
    asking.putObject("stream_options").put("include_usage", true);
    try (RawSse stream = gateway.stream(asking)) {
      assertTrue(stream.bodyText(SOON).contains("\"prompt_tokens\":100"), stream.bodyText());
    }
    // Twice 36 at 1000, 64 at 100 and 20 at 2000 nano-dollars.
    assertEquals(2 * 82_400, spent());
    assertEquals(0, gateway.api.sql().fetchCount(MODEL_CALLS));
  }

  @Test
  void aServiceThatKnowsNoUsageOptionIsAskedWithoutIt() throws Exception {
    gateway.model.respond(body ->
        body.has("stream_options")
            ? ModelAnswer.error(400, "{\"error\":{\"message\":\"unknown field stream_options\"}}")
            : ModelAnswer.text("fine"));
    for (int i = 0; i < 2; i++) {
      try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
        assertTrue(stream.bodyText(SOON).contains("fine"), stream.bodyText());
      }
    }
    assertEquals(3, gateway.model.requests().size());
  }

  @Test
  void whileTheModelThinksTheAgentSeesComments() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("at last").withHeadPause(Duration.ofMillis(2_500)));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      assertEquals(": ping\n\n", stream.next(Duration.ofSeconds(2)).raw());
      assertEquals(": ping\n\n", stream.next(Duration.ofSeconds(2)).raw());
      String body = stream.bodyText(SOON);
      assertTrue(body.contains("at last"), body);
      assertTrue(body.endsWith("data: [DONE]\n\n"), body);
    }
  }

  @Test
  void anAgentThatLeavesEndsTheCallUpstreamAndPaysForWhatCame() throws Exception {
    gateway.model.enqueue(
        ModelAnswer.text("word ".repeat(2_000)).withChunkPause(Duration.ofMillis(20)));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      stream.next(SOON);
      stream.next(SOON);
      stream.cut();
    }
    TestApi.await(SOON, () -> gateway.model.openConnections() == 0);
    TestApi.await(SOON, () -> gateway.api.sql().fetchCount(MODEL_CALLS) == 0);
    assertTrue(spent() > 0, "what was streamed is paid");
  }

  @Test
  void anAgentThatLeavesWhileTheModelIsSilentEndsTheCallToo() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("some text here").with(Break.STALL, 2));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      stream.next(SOON);
      stream.cut();
    }
    TestApi.await(SOON, () -> gateway.model.openConnections() == 0);
    TestApi.await(SOON, () -> gateway.api.sql().fetchCount(MODEL_CALLS) == 0);
  }

  @Test
  void aServiceThatBreaksBeforeItsFirstEventIsReplaced() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("lost").with(Break.CUT, 0));
    gateway.second.enqueue(ModelAnswer.text("instead"));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      assertTrue(stream.bodyText(SOON).contains("instead"), stream.bodyText());
    }
  }

  @Test
  void aServiceThatFallsSilentIsNotWaitedForLongerThanItMay(Postgres postgres) throws Exception {
    try (TestGateway hasty = new TestGateway(postgres, Map.of(), 1)) {
      hasty.model.enqueue(ModelAnswer.text("lost").with(Break.STALL, 0));
      hasty.second.enqueue(ModelAnswer.text("instead"));
      try (RawSse stream = hasty.stream(TestGateway.chat("Hello"))) {
        assertTrue(stream.bodyText(SOON).contains("instead"), stream.bodyText());
      }
      hasty.model.enqueue(ModelAnswer.text("some text here").with(Break.STALL, 2));
      try (RawSse stream = hasty.stream(TestGateway.chat("Hello"))) {
        List<RawSse.Event> events = stream.rest(SOON);
        assertTrue(stream.bodyText().contains("some tex"), stream.bodyText());
        assertEquals(
            "The model service took too long.",
            events.getLast().json().path("error").path("message").asText());
      }
      TestApi.await(SOON, () -> hasty.model.openConnections() == 0);
    }
  }

  /** Kept connections are watched by the client, which must not take a slow head for an end. */
  @Test
  void aConnectionThatHasStreamedWaitsForTheNextHeadAsLong() throws Exception {
    for (int i = 0; i < 3; i++) {
      gateway.model.enqueue(ModelAnswer.text("slow " + i).withHeadPause(Duration.ofMillis(400)));
      try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
        assertTrue(stream.bodyText(SOON).contains("[DONE]"), stream.bodyText());
      }
    }
    assertEquals(3, gateway.model.requests().size());
    assertEquals(0, gateway.second.requests().size());
  }

  @Test
  void aServiceThatBreaksLaterEndsTheStreamWithAnError() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("some text here").with(Break.CUT, 2));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      List<RawSse.Event> events = stream.rest(SOON);
      assertEquals(3, events.size(), stream.bodyText());
      assertEquals("server_error", events.getLast().json().path("error").path("type").asText());
      assertTrue(stream.isComplete());
    }
    assertEquals(0, gateway.second.requests().size(), "nobody else is asked for the rest");
    assertTrue(spent() > 0);
  }

  @Test
  void anErrorInTheStreamIsToldInOurWords() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("some text here").with(Break.ERROR, 2));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      String body = stream.bodyText(SOON);
      assertTrue(body.contains("\"error\""), body);
      assertFalse(body.contains("worker 7"), body);
    }
  }

  @Test
  void anthropicsEventsPassWithTheirNames() throws Exception {
    String body =
        "{\"model\":\"claude-test\",\"max_tokens\":100,\"stream\":true,\"messages\":[{\"role\":"
            + "\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}]}";
    try (RawSse stream =
        RawSse.post(
            gateway.api.uri("/inference/anthropic/v1/messages"),
            Map.of("x-api-key", gateway.token),
            body)) {
      String text = stream.bodyText(SOON);
      assertTrue(text.startsWith("event: message_start\ndata: {"), text);
      assertTrue(text.contains("event: message_stop\n"), text);
    }
    assertTrue(spent() > 0);
    assertEquals(0, gateway.api.sql().fetchCount(MODEL_CALLS));
  }

  @Test
  void aServerThatStopsTellsOpenStreams() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("some text here").with(Break.STALL, 2));
    try (RawSse stream = gateway.stream(TestGateway.chat("Hello"))) {
      stream.next(SOON);
      Thread.ofVirtual().start(gateway.api.server::close);
      String body = stream.bodyText(SOON);
      assertTrue(body.contains("restarting"), body);
      assertTrue(stream.isComplete(), body);
    }
  }

  @Test
  void sixteenStreamsOfOneAgentRunAtOnceAndOneMoreIsRefused() throws Exception {
    gateway.model.respond(_ -> ModelAnswer.text("some text here").with(Break.STALL, 2));
    List<RawSse> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 16; i++) {
        RawSse stream = gateway.stream(TestGateway.chat("Hello").put("max_tokens", 10));
        streams.add(stream);
        stream.next(SOON);
      }
      try (RawSse refused = gateway.stream(TestGateway.chat("Hello"))) {
        assertEquals(429, refused.status());
        assertEquals(
            "rate_limit_error",
            Json.parse(refused.bodyText(SOON)).path("error").path("type").asText());
      }
    } finally {
      streams.forEach(RawSse::cut);
    }
  }

  private long spent() {
    return gateway.api.sql().fetch(MODEL_USAGE).stream()
        .mapToLong(row -> row.getNanodollars())
        .sum();
  }
}
