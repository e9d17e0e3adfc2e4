package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.BUDGETS;
import static ai.liberclaw.db.platform.Tables.BUDGET_LIMITS;
import static ai.liberclaw.db.platform.Tables.MODEL_CALLS;
import static ai.liberclaw.db.platform.Tables.MODEL_USAGE;
import static org.jooq.impl.DSL.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What agents get from the gateway in one piece, and what it costs them. */
@ExtendWith(Postgres.Extension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class InferenceTest {
  private TestGateway gateway;

  @BeforeAll
  void start(Postgres postgres) throws Exception {
    gateway = new TestGateway(postgres);
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
  }

  @Test
  void anAnswerIsPassedOnByteForByteAndTheRequestGoesOutWithTheOperatorsKeyAlone()
      throws Exception {
    String odd = "{ \"choices\" : [ ],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2} }";
    gateway.model.enqueue(ModelAnswer.completion(odd));
    ObjectNode body = TestGateway.chat("Hello").put("temperature", 0.5);
    HttpResponse<String> answer =
        gateway.ask(body, "X-Agent-Header", "secret-of-the-agent", "Cookie", "a=b");
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(odd, answer.body());
    ModelServer.Request asked = gateway.model.lastRequest();
    assertEquals("Bearer " + TestGateway.KEY, asked.headers().get("authorization"));
    assertFalse(asked.headers().containsKey("x-agent-header"));
    assertFalse(asked.headers().containsKey("cookie"));
    assertFalse(asked.headers().toString().contains(gateway.token));
    assertEquals("own-name", asked.body().path("model").asText());
    assertEquals(0.5, asked.body().path("temperature").asDouble());
    assertEquals(32_768, asked.body().path("max_tokens").asInt(), "no answer without a bound");
  }

  @Test
  void whatACallUsedIsInTheMeters() throws Exception {
    UUID agent = gateway.api.adoptAgent(gateway.owner, "http://127.0.0.1:9");
    gateway.model.enqueue(
        ModelAnswer.completion(
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":10,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":600}}}"));
    HttpResponse<String> answer = as(agent, TestGateway.chat("Hello"));
    assertEquals(200, answer.statusCode(), answer.body());
    // 400 at 1000, 600 at 100, 10 at 2000 nano-dollars.
    assertEquals(480_000, used(agent));
    assertEquals(0, open(agent));
  }

  @Test
  void theNextServiceIsAskedWhenTheFirstFails() throws Exception {
    gateway.model.enqueue(ModelAnswer.error(500, "{\"error\":\"worker 7 at 10.0.0.7 died\"}"));
    gateway.second.enqueue(ModelAnswer.text("from the second"));
    HttpResponse<String> answer = gateway.ask(TestGateway.chat("Hello"));
    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("from the second"), answer.body());
    assertEquals("test-model", gateway.second.lastRequest().body().path("model").asText());
  }

  @Test
  void errorsAreInOpenAisShapeAndTellNothingOfTheService() throws Exception {
    String leak = "Incorrect API key provided: " + TestGateway.KEY;
    for (int status : new int[] {401, 403, 402, 500, 503}) {
      gateway.model.enqueue(
          ModelAnswer.error(status, "{\"error\":{\"message\":\"" + leak + " at 10.0.0.7\"}}"));
      HttpResponse<String> answer = gateway.ask(TestGateway.chat("x").put("model", "only-first"));
      assertTrue(answer.statusCode() >= 500, "status " + answer.statusCode());
      assertFalse(answer.body().contains("sk-"), answer.body());
      assertFalse(answer.body().contains("10.0.0.7"), answer.body());
      JsonNode error = Json.parse(answer.body()).path("error");
      assertTrue(error.path("message").isTextual(), answer.body());
      assertTrue(error.path("type").isTextual(), answer.body());
      gateway.model.enqueue(ModelAnswer.text("well again"));
      assertEquals(200, gateway.ask(TestGateway.chat("x").put("model", "only-first")).statusCode());
    }
  }

  @Test
  void whatIsWrongWithTheRequestIsTheAgentsToKnow() throws Exception {
    gateway.model.enqueue(
        ModelAnswer.error(
            400,
            "{\"error\":{\"message\":\"This model's maximum context length is 4096 tokens, see"
                + " http://10.0.0.7/docs with "
                + TestGateway.KEY
                + "\",\"code\":\"context_length_exceeded\"}}"));
    HttpResponse<String> answer = gateway.ask(TestGateway.chat("Hello"));
    assertEquals(400, answer.statusCode(), answer.body());
    JsonNode error = Json.parse(answer.body()).path("error");
    assertTrue(error.path("message").asText().contains("maximum context length"), answer.body());
    assertEquals("context_length_exceeded", error.path("code").asText());
    assertFalse(answer.body().contains(TestGateway.KEY), answer.body());
    assertFalse(answer.body().contains("10.0.0.7"), answer.body());
  }

  @Test
  void aBusyServiceSaysWhenToComeBack() throws Exception {
    gateway.model.enqueue(ModelAnswer.error(429, "{}").withHeader("Retry-After", "7"));
    HttpResponse<String> answer = gateway.ask(TestGateway.chat("Hello").put("model", "only-first"));
    assertEquals(429, answer.statusCode());
    assertEquals("7", answer.headers().firstValue("Retry-After").orElse(""));
  }

  @Test
  void onlyAgentsTokensAreTaken() throws Exception {
    String access = gateway.api.guest().access();
    for (String token :
        new String[] {null, access, "lc_" + "a".repeat(43), "junk", TestGateway.KEY}) {
      HttpResponse<String> answer =
          gateway.api.call(
              "POST",
              "/inference/v1/chat/completions",
              token,
              Json.write(TestGateway.chat("Hello")));
      assertEquals(401, answer.statusCode(), answer.body());
      assertEquals(
          "invalid_api_key", Json.parse(answer.body()).path("error").path("code").asText());
    }
    assertEquals(401, gateway.api.call("GET", "/inference/v1/models", access, null).statusCode());
    assertEquals(401, gateway.api.call("GET", "/agents/", gateway.token, null).statusCode());
  }

  @Test
  void aTokenEndsWithItsAgentAndWithItsGeneration() throws Exception {
    UUID agent = gateway.api.adoptAgent(gateway.owner, "http://127.0.0.1:9");
    assertEquals(200, as(agent, TestGateway.chat("Hello")).statusCode());
    assertEquals(200, models(agent, 0));
    gateway
        .api
        .sql()
        .update(AGENTS)
        .set(AGENTS.INFERENCE_GENERATION, 2L)
        .where(AGENTS.ID.eq(agent))
        .execute();
    assertEquals(401, as(agent, TestGateway.chat("Hello")).statusCode());
    assertEquals(401, as(agent, TestGateway.chat("x").put("model", "gpt-9")).statusCode());
    assertEquals(401, as(agent, TestGateway.chat("x").put("model", "unpriced")).statusCode());
    assertEquals(401, models(agent, 1));
    assertEquals(200, models(agent, 2));
    gateway.api.sql().deleteFrom(AGENTS).where(AGENTS.ID.eq(agent)).execute();
    assertEquals(401, as(agent, TestGateway.chat("Hello")).statusCode());
    assertEquals(401, models(agent, 2));
  }

  private int models(UUID agent, long generation) throws Exception {
    return gateway
        .api
        .call("GET", "/inference/v1/models", gateway.token(agent, generation), null)
        .statusCode();
  }

  @Test
  void aSpentBudgetIsRefusedWithWordsForTheUser() throws Exception {
    UUID agent = gateway.api.adoptAgent(gateway.owner, "http://127.0.0.1:9");
    gateway
        .api
        .sql()
        .insertInto(BUDGET_LIMITS)
        .set(BUDGET_LIMITS.SCOPE, "agent")
        .set(BUDGET_LIMITS.SUBJECT, agent.toString())
        .set(BUDGET_LIMITS.PERIOD, "day")
        .set(BUDGET_LIMITS.REQUESTS, 1L)
        .execute();
    assertEquals(200, as(agent, TestGateway.chat("Hello")).statusCode());
    int before = gateway.model.requests().size();
    HttpResponse<String> answer = as(agent, TestGateway.chat("Hello"));
    assertEquals(402, answer.statusCode(), answer.body());
    JsonNode error = Json.parse(answer.body()).path("error");
    assertEquals("budget_exceeded", error.path("code").asText());
    assertTrue(error.path("message").asText().contains("daily budget"), answer.body());
    assertEquals(before, gateway.model.requests().size());
  }

  @Test
  void littleMoneyMakesAShorterAnswer() throws Exception {
    UUID agent = gateway.api.adoptAgent(gateway.owner, "http://127.0.0.1:9");
    gateway
        .api
        .sql()
        .insertInto(BUDGET_LIMITS)
        .set(BUDGET_LIMITS.SCOPE, "agent")
        .set(BUDGET_LIMITS.SUBJECT, agent.toString())
        .set(BUDGET_LIMITS.PERIOD, "month")
        .set(BUDGET_LIMITS.NANODOLLARS, 10_000_000L)
        .execute();
    assertEquals(200, as(agent, TestGateway.chat("Hello").put("max_tokens", 30_000)).statusCode());
    int bound = gateway.model.lastRequest().body().path("max_tokens").asInt();
    assertTrue(bound >= 1024 && bound < 5_000, "may have " + bound + " tokens");
  }

  @Test
  void aModelWithoutAPriceIsNotAsked() throws Exception {
    HttpResponse<String> answer = gateway.ask(TestGateway.chat("x").put("model", "unpriced"));
    assertEquals(403, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("price"), answer.body());
  }

  @Test
  void anUnknownModelIsNotFound() throws Exception {
    HttpResponse<String> answer = gateway.ask(TestGateway.chat("x").put("model", "gpt-9"));
    assertEquals(404, answer.statusCode(), answer.body());
    assertEquals("model_not_found", Json.parse(answer.body()).path("error").path("code").asText());
  }

  @Test
  void aUsersOwnKeyIsUsedFirstAndTheOperatorsWhenItIsRefused() throws Exception {
    TestApi.Tokens user = gateway.api.guest();
    UUID owner = gateway.api.userId(user);
    HttpResponse<String> stored =
        gateway.api.post(
            "/users/me/api-keys",
            user.access(),
            "{\"key\":\"sk-the-users-own-key\",\"label\":\"mine\"}");
    assertTrue(stored.statusCode() < 300, stored.body());
    UUID agent = gateway.api.adoptAgent(owner, "http://127.0.0.1:9");
    String token = new AgentTokens(gateway.api.keys()).mint(new AgentToken(agent, owner, 0));
    String body = Json.write(TestGateway.chat("Hello"));
    assertEquals(
        200, gateway.api.call("POST", "/inference/v1/chat/completions", token, body).statusCode());
    assertEquals(
        "Bearer sk-the-users-own-key", gateway.model.lastRequest().headers().get("authorization"));
    gateway.model.enqueue(ModelAnswer.error(401, "{\"error\":\"no such key\"}"));
    assertEquals(
        200, gateway.api.call("POST", "/inference/v1/chat/completions", token, body).statusCode());
    assertEquals(
        "Bearer " + TestGateway.KEY, gateway.model.lastRequest().headers().get("authorization"));
    assertEquals(0, open(agent));
  }

  @Test
  void picturesEmbeddingsModelsAndSearchesAreThereToo() throws Exception {
    HttpResponse<String> picture =
        post("/v1/images/generations", "{\"model\":\"painter\",\"prompt\":\"a cat\",\"n\":2}");
    assertEquals(200, picture.statusCode(), picture.body());
    assertTrue(picture.body().contains("b64_json"));
    HttpResponse<String> vector =
        post("/v1/embeddings", "{\"model\":\"embedder\",\"input\":\"a cat\"}");
    assertEquals(200, vector.statusCode(), vector.body());
    assertFalse(gateway.model.lastRequest().body().has("max_tokens"));
    HttpResponse<String> models =
        gateway.api.call("GET", "/inference/v1/models", gateway.token, null);
    assertEquals(200, models.statusCode(), models.body());
    assertTrue(models.body().contains("\"claude-test\""), models.body());
    HttpResponse<String> found =
        post("/search", "{\"query\":\"cats\",\"engines\":[\"google\"],\"max_results\":3}");
    assertEquals(200, found.statusCode(), found.body());
    assertTrue(found.body().contains("https://page.example/"), found.body());
    ModelServer.Request asked = gateway.model.lastRequest();
    assertEquals("Bearer " + TestGateway.KEY, asked.headers().get("authorization"));
    assertEquals(3, asked.body().path("max_results").asInt());
  }

  @Test
  void aMessageOfAnthropicsApiGoesToAServiceThatSpeaksIt() throws Exception {
    String body =
        "{\"model\":\"claude-test\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\","
            + "\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}]}";
    HttpResponse<String> answer =
        gateway.api.call(
            "POST", "/inference/anthropic/v1/messages", null, body, "x-api-key", gateway.token);
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("message", Json.parse(answer.body()).path("type").asText());
    ModelServer.Request asked = gateway.model.lastRequest();
    assertEquals(TestGateway.KEY + "-3", asked.headers().get("x-api-key"));
    HttpResponse<String> refused =
        gateway.api.call(
            "POST", "/inference/anthropic/v1/messages", null, body, "x-api-key", "junk");
    assertEquals(401, refused.statusCode());
    assertEquals("error", Json.parse(refused.body()).path("type").asText());
  }

  @Test
  void bodiesAreBoundedAndChecked() throws Exception {
    for (String body :
        new String[] {
          "",
          "[]",
          "{\"model\":1}",
          "{}",
          "{\"model\":\"test-model\"",
          "nonsense",
          "{\"model\":\"test-model\",\"model\":\"only-first\"}",
          "{\"model\":\"test-model\",\"max_tokens\":-1}"
        }) {
      assertEquals(400, post("/v1/chat/completions", body).statusCode(), body);
    }
    String large = Json.write(TestGateway.chat("x".repeat(21 << 20)));
    assertEquals(413, post("/v1/chat/completions", large).statusCode());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return gateway.api.call("POST", "/inference" + path, gateway.token, body);
  }

  private HttpResponse<String> as(UUID agent, ObjectNode body) throws Exception {
    return gateway.api.call(
        "POST", "/inference/v1/chat/completions", gateway.token(agent, 0), Json.write(body));
  }

  private long used(UUID agent) {
    return gateway
        .api
        .sql()
        .select(sum(MODEL_USAGE.NANODOLLARS))
        .from(MODEL_USAGE)
        .where(MODEL_USAGE.AGENT_ID.eq(agent))
        .fetchSingle()
        .value1()
        .longValue();
  }

  /** Calls that are not settled, and what is held back for them. */
  private long open(UUID agent) {
    long reserved =
        gateway
            .api
            .sql()
            .select(sum(BUDGETS.RESERVED_NANODOLLARS))
            .from(BUDGETS)
            .where(BUDGETS.SUBJECT.eq(agent.toString()))
            .fetchSingle()
            .value1()
            .longValue();
    return reserved + gateway.api.sql().fetchCount(MODEL_CALLS, MODEL_CALLS.AGENT_ID.eq(agent));
  }

  @Test
  void withoutAnyServiceTheDemoModelAnswers(Postgres postgres) throws Exception {
    try (TestGateway demo = new TestGateway(postgres, Map.of("LIBERCLAW_MODEL_UPSTREAMS", ""))) {
      HttpResponse<String> answer =
          demo.ask(TestGateway.chat("Hello").put("model", "qwen3-coder-next"));
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("[Offline demo model]"), answer.body());
    }
  }
}
