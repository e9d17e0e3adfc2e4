package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.BUDGETS;
import static ai.liberclaw.db.platform.Tables.MODEL_CALLS;
import static ai.liberclaw.db.platform.Tables.MODEL_USAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers who wait for an answer in one piece, and those who do not. */
@ExtendWith(Postgres.Extension.class)
final class InferenceHangUpTest {
  private static final Duration SOON = Duration.ofSeconds(6);
  private static final Duration LATE = Duration.ofSeconds(30);
  private static final Map<String, String> BODIES =
      Map.of(
          "/v1/chat/completions",
          Json.write(TestGateway.chat("Hello")),
          "/v1/images/generations",
          "{\"model\":\"painter\",\"prompt\":\"a cat\"}",
          "/anthropic/v1/messages",
          "{\"model\":\"claude-test\",\"max_tokens\":100,\"messages\":"
              + "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}]}");

  private TestGateway gateway;

  @BeforeEach
  void start(Postgres postgres) throws Exception {
    gateway = new TestGateway(postgres);
  }

  @AfterEach
  void stop() throws Exception {
    gateway.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v1/chat/completions", "/v1/images/generations", "/anthropic/v1/messages"})
  void aCallerWhoLeavesEndsTheCallAndPaysForWhatIsKnown(String path) throws Exception {
    gateway.model.respond(_ -> ModelAnswer.text("too late").withHeadPause(LATE));
    gateway.model.paint(_ -> ModelAnswer.completion("{\"data\":[]}").withHeadPause(LATE));
    try (RawClient caller = new RawClient(gateway.api.uri("/inference"))) {
      caller.post(path, headers(), BODIES.getOrDefault(path, ""));
      TestApi.await(SOON, () -> gateway.model.requests().size() == 1);
      assertEquals(1, gateway.api.sql().fetchCount(MODEL_CALLS));
    }
    TestApi.await(SOON, () -> gateway.model.openConnections() == 0);
    TestApi.await(SOON, () -> gateway.api.sql().fetchCount(MODEL_CALLS) == 0);
    assertEquals(
        0, gateway.api.sql().fetchCount(BUDGETS, BUDGETS.RESERVED_NANODOLLARS.gt(0L)), "held back");
    assertTrue(gateway.api.sql().fetchSingle(MODEL_USAGE).getNanodollars() > 0, "it was asked for");
    assertEquals(0, gateway.second.requests().size(), "nobody else is asked");
  }

  @Test
  void aCallerWhoWaitsGetsALateAnswer() throws Exception {
    try (RawClient caller = new RawClient(gateway.api.uri("/inference"))) {
      for (int i = 0; i < 2; i++) {
        gateway.model.enqueue(
            ModelAnswer.text("at last " + i).withHeadPause(Duration.ofMillis(2_200)));
        caller.post(
            "/v1/chat/completions", headers(), BODIES.getOrDefault("/v1/chat/completions", ""));
        RawClient.Answer answer = caller.answer();
        assertEquals(200, answer.status(), answer.body());
        assertTrue(answer.body().contains("at last " + i), answer.body());
      }
    }
  }

  private String headers() {
    return "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
        .formatted(gateway.token);
  }
}
