package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What an agent of the original sends and reads: OpenAI's client for Python, asynchronous, with its
 * own two retries, one connection, answers in one piece and tools; no pictures, and searches that
 * go elsewhere.
 */
@ExtendWith(Postgres.Extension.class)
final class OriginalAgentTest {
  private static final String QUESTION =
      """
      {"messages":[{"role":"system","content":"You are Zoé."},{"role":"user","content":"Où? 🦀"}],\
      "model":"test-model","tools":[{"type":"function","function":{"name":"bash","description":\
      "Run a command.","parameters":{"type":"object","properties":{"command":{"type":"string"},\
      "timeout":{"type":"integer"}},"required":["command"]}}}]}\
      """;

  private TestGateway gateway;
  private RawClient client;

  @BeforeEach
  void start(Postgres postgres) throws Exception {
    gateway = new TestGateway(postgres);
    client = new RawClient(gateway.api.uri("/inference/v1"));
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    gateway.close();
  }

  @Test
  void aTurnWithAToolIsAnsweredOverOneConnection() throws Exception {
    gateway.model.enqueue(ModelAnswer.call("bash", "{\"command\":\"pwd\"}"));
    RawClient.Answer first = ask(QUESTION, 0);
    assertEquals(200, first.status(), first.body());
    assertEquals("application/json", first.headers().get("content-type"));
    assertFalse(first.headers().containsKey("content-encoding"), "plain, whatever it accepts");
    JsonNode choice = Json.parse(first.body()).path("choices").path(0);
    JsonNode call = choice.path("message").path("tool_calls").path(0);
    assertEquals("bash", call.path("function").path("name").asText(), first.body());
    assertEquals("{\"command\":\"pwd\"}", call.path("function").path("arguments").asText());
    assertTrue(call.path("id").isTextual(), first.body());

    ModelServer.Request sent = gateway.model.lastRequest();
    assertEquals("You are Zoé.", sent.messages().path(0).path("content").asText());
    assertEquals("Où? 🦀", sent.lastMessage().path("content").asText());
    assertEquals(Json.parse(QUESTION).path("tools"), sent.body().path("tools"));
    assertEquals("Bearer " + TestGateway.KEY, sent.headers().get("authorization"));
    assertFalse(sent.headers().toString().contains("stainless"), sent.headers().toString());

    String id = call.path("id").asText();
    String history =
        QUESTION.replace(
            "],\"model\"",
            """
            ,{"role":"assistant","tool_calls":[{"id":"%s","type":"function","function":{"name":"bash",\
            "arguments":"{\\"command\\":\\"pwd\\"}"}}]},{"role":"tool","tool_call_id":"%s",\
            "content":"/root\\n[exit code: 0]"}],"model\"\
            """
                .formatted(id, id));
    gateway.model.enqueue(ModelAnswer.text("In /root, voilà."));
    RawClient.Answer second = ask(history, 0);
    assertEquals(200, second.status(), second.body());
    assertEquals(
        "In /root, voilà.",
        Json.parse(second.body()).path("choices").path(0).path("message").path("content").asText());
    assertEquals(List.of(), gateway.model.violations());
  }

  @Test
  void whatPassesIsRetriedOverTheSameConnectionWhenItIsTold() throws Exception {
    gateway.model.enqueue(
        ModelAnswer.error(429, "{\"error\":{\"message\":\"slow down\"}}")
            .withHeader("Retry-After", "3"),
        ModelAnswer.error(500, "worker 7 died"),
        ModelAnswer.text("well again"));
    String question = QUESTION.replace("test-model", "only-first");
    RawClient.Answer busy = ask(question, 0);
    assertEquals(429, busy.status());
    assertEquals("3", busy.headers().get("retry-after"), "seconds, as a number");
    assertFalse(busy.headers().containsKey("x-should-retry"), "the status decides");
    assertError(busy, "rate_limit_error", "rate_limit_exceeded");
    RawClient.Answer failed = ask(question, 1);
    assertEquals(502, failed.status());
    assertError(failed, "server_error", "server_error");
    assertFalse(failed.body().contains("worker 7"), failed.body());
    RawClient.Answer well = ask(question, 2);
    assertEquals(200, well.status(), well.body());
    assertTrue(well.body().contains("well again"), well.body());
  }

  @Test
  void whatDoesNotPassIsToldSoThatItIsNotRetried() throws Exception {
    assertError(
        ask(QUESTION.replace("test-model", "gpt-9"), 0),
        "invalid_request_error",
        "model_not_found");
    gateway
        .api
        .sql()
        .execute(
            "insert into budget_limits (scope, subject, period, requests) values ('agent', {0},"
                + " 'day', 0)",
            org.jooq.impl.DSL.val(gateway.agent.toString()));
    RawClient.Answer spent = ask(QUESTION, 0);
    assertEquals(402, spent.status(), spent.body());
    assertError(spent, "insufficient_quota", "budget_exceeded");
    assertEquals(0, gateway.model.requests().size());
  }

  /** The client reads each of these, and {@code x-request-id}. */
  private static void assertError(RawClient.Answer answer, String type, String code) {
    JsonNode error = Json.parse(answer.body()).path("error");
    assertEquals(
        Set.of("message", "type", "param", "code"),
        Set.copyOf(error.propertyStream().map(java.util.Map.Entry::getKey).toList()),
        answer.body());
    assertTrue(error.path("message").asText().length() > 5, answer.body());
    assertEquals(type, error.path("type").asText(), answer.body());
    assertEquals(code, error.path("code").asText(), answer.body());
    assertTrue(error.path("param").isNull(), answer.body());
    assertFalse(answer.headers().getOrDefault("x-request-id", "").isEmpty());
    assertFalse(answer.headers().getOrDefault("connection", "").equals("close"));
  }

  private RawClient.Answer ask(String body, int retries) throws Exception {
    String headers =
        """
        Accept-Encoding: gzip, deflate
        Connection: keep-alive
        authorization: Bearer %s
        accept: application/json
        content-type: application/json
        user-agent: AsyncOpenAI/Python 2.8.1
        x-stainless-lang: python
        x-stainless-package-version: 2.8.1
        x-stainless-os: Linux
        x-stainless-arch: x64
        x-stainless-runtime: CPython
        x-stainless-runtime-version: 3.12.3
        x-stainless-async: async:asyncio
        x-stainless-retry-count: %d
        x-stainless-read-timeout: 600
        """
            .formatted(gateway.token, retries)
            .replace("\n", "\r\n");
    client.post("/chat/completions", headers, body);
    return client.answer();
  }
}
