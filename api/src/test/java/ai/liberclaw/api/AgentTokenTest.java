package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.testkit.agent.StubAgent;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an agent's token opens, and what else does not. */
@ExtendWith(Postgres.Extension.class)
class AgentTokenTest {
  private static final String OPERATOR_KEY = "sk-operator-" + UUID.randomUUID();
  private static final String CHAT = "/inference/v1/chat/completions";

  private static ModelServer model;
  private static TestApi api;
  private TestApi.Tokens ada;
  private UUID owner;
  private UUID agent;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    model = ModelServer.start();
    api =
        TestApi.start(
            postgres,
            Map.of(
                "LIBERCLAW_THROTTLE_MULTIPLIER",
                "1000",
                "MODEL_PROVIDER",
                "openai",
                "LIBERTAI_API_KEY",
                OPERATOR_KEY,
                "LIBERCLAW_LIBERTAI_API_BASE_URL",
                model.baseUrl()));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
    model.close();
  }

  @BeforeEach
  void agent() throws Exception {
    ada = api.guest();
    owner = api.userId(ada);
    agent = api.adoptAgent(owner, "http://127.0.0.1:9");
  }

  private String token(long generation) {
    return new AgentTokens(api.keys()).mint(new AgentToken(agent, owner, generation));
  }

  private static ObjectNode request(String text) {
    ObjectNode body = Json.object().put("model", "glm-4.7");
    body.putArray("messages").addObject().put("role", "user").put("content", text);
    return body;
  }

  private static HttpResponse<String> ask(String token) throws Exception {
    return api.post(CHAT, token, Json.write(request("Hi")));
  }

  @Test
  void b16AgentsHaveATokenOfTheirOwnAndTheOperatorsKeyStaysHere() throws Exception {
    HttpResponse<String> answer = ask(token(0));
    assertEquals(200, answer.statusCode(), answer.body());
    ModelServer.Request sent = model.lastRequest();
    assertEquals("Bearer " + OPERATOR_KEY, sent.headers().get("authorization"));
    assertFalse(sent.headers().toString().contains(token(0)), "the token stays here, too");
    assertFalse((answer.body() + answer.headers().map()).contains(OPERATOR_KEY));

    model.enqueue(ModelAnswer.error(401, "{\"error\":\"bad key " + OPERATOR_KEY + "\"}"));
    HttpResponse<String> refused = ask(token(0));
    assertTrue(refused.statusCode() >= 400);
    assertFalse(refused.body().contains(OPERATOR_KEY), refused.body());
  }

  @Test
  void itIsWorthlessOnceTheAgentMovedOnOrIsGone() throws Exception {
    assertEquals(200, ask(token(3)).statusCode());
    api.sql()
        .execute(
            "update agents set generation = 5, inference_generation = 4 where id = {0}",
            DSL.val(agent));
    assertEquals(401, ask(token(3)).statusCode());
    assertEquals(200, ask(token(4)).statusCode());
    assertEquals(200, ask(token(5)).statusCode());
    String somebodyElses =
        new AgentTokens(api.keys()).mint(new AgentToken(agent, api.userId(api.guest()), 5));
    assertEquals(401, ask(somebodyElses).statusCode());
    assertEquals(204, api.call("DELETE", "/agents/" + agent, ada.access(), null).statusCode());
    assertEquals(401, ask(token(5)).statusCode());
  }

  @Test
  void nothingElseOpensTheGateway() throws Exception {
    JsonNode personal =
        Json.parse(
            api.post(
                    "/users/me/tokens",
                    ada.access(),
                    "{\"name\":\"ci\",\"scopes\":[\"agents:read\",\"agents:write\",\"chat\"]}")
                .body());
    Map<String, String> credentials = new LinkedHashMap<>();
    credentials.put("access token", ada.access());
    credentials.put("refresh token", ada.refresh());
    credentials.put("personal token", personal.get("token").textValue());
    credentials.put("agent's secret", StubAgent.SECRET);
    credentials.put("operator's key", OPERATOR_KEY);
    credentials.put("another installation's", "eyJhbGciOiJIUzI1NiJ9.e30.x");
    int before = model.requests().size();
    for (Map.Entry<String, String> credential : credentials.entrySet()) {
      HttpResponse<String> refused = ask(credential.getValue());
      assertEquals(401, refused.statusCode(), credential.getKey());
      assertFalse(refused.body().contains(credential.getValue()), credential.getKey());
    }
    assertEquals(401, api.post(CHAT, null, Json.write(request("Hi"))).statusCode());
    assertEquals(before, model.requests().size());
  }

  @Test
  void itOpensNothingElse() throws Exception {
    assertEquals(200, ask(token(0)).statusCode());
    for (String path :
        new String[] {
          "/users/me", "/agents/", "/agents/" + agent, "/usage/", "/users/me/api-keys"
        }) {
      assertEquals(401, api.call("GET", path, token(0), null).statusCode(), path);
    }
    assertEquals(401, api.call("DELETE", "/agents/" + agent, token(0), null).statusCode());
    assertEquals(401, api.post("/chat/" + agent, token(0), "{\"message\":\"Hi\"}").statusCode());
  }

  @Test
  void aUsersOwnKeyIsUsedForThatUsersAgentsFirst() throws Exception {
    String own = "sk-own-" + UUID.randomUUID();
    assertEquals(
        201,
        api.post("/users/me/api-keys", ada.access(), "{\"key\":\"" + own + "\"}").statusCode());
    HttpResponse<String> answer = ask(token(0));
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("Bearer " + own, model.lastRequest().headers().get("authorization"));
    assertFalse((answer.body() + answer.headers().map()).contains(own));
  }

  /**
   * The seed asks without a stream, with its tools while there are any, and without them when it
   * compacts; it reads the one message of the answer and its calls (agent.md 1.5).
   */
  @Test
  void anAgentOfTheOriginalNeedsOnlyTheAddressAndAToken() throws Exception {
    model.enqueue(
        ModelAnswer.call("bash", "{\"command\":\"date\"}"),
        ModelAnswer.text("It is Sunday."),
        ModelAnswer.text("They spoke of the date."));
    ObjectNode body = Json.object().put("model", "qwen3-coder-next");
    ArrayNode messages = body.putArray("messages");
    messages.addObject().put("role", "system").put("content", "You are Ada.");
    messages.addObject().put("role", "user").put("content", "Which day is it?");
    ObjectNode tool = body.putArray("tools").addObject().put("type", "function");
    ObjectNode function = tool.putObject("function").put("name", "bash").put("description", "x");
    ObjectNode parameters = function.putObject("parameters").put("type", "object");
    parameters.putObject("properties").putObject("command").put("type", "string");
    parameters.putArray("required").add("command");

    JsonNode reply = message(body);
    JsonNode call = reply.path("tool_calls").path(0);
    assertEquals("bash", call.path("function").path("name").textValue());
    assertEquals(
        "date",
        Json.parse(call.path("function").path("arguments").textValue())
            .path("command")
            .textValue());
    ObjectNode said = messages.addObject().put("role", "assistant").putNull("content");
    said.set("tool_calls", reply.path("tool_calls"));
    messages
        .addObject()
        .put("role", "tool")
        .put("tool_call_id", call.path("id").textValue())
        .put("content", "Sun Nov 22");
    assertEquals("It is Sunday.", message(body).path("content").textValue());
    for (String field : new String[] {"model", "messages", "tools"}) {
      assertEquals(body.get(field), model.lastRequest().body().get(field), field);
    }

    body.remove("tools");
    assertEquals("They spoke of the date.", message(body).path("content").textValue());
    assertEquals(0, model.violations().size(), model.violations()::toString);
  }

  private JsonNode message(ObjectNode body) throws Exception {
    HttpResponse<String> answer = api.post(CHAT, token(0), Json.write(body));
    assertEquals(200, answer.statusCode(), answer.body());
    return Json.parse(answer.body()).path("choices").path(0).path("message");
  }
}
