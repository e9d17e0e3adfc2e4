package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The agents' routes over real sockets, with a release whose agent cannot start. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
class AgentRoutesTest {
  TestApi api;

  @BeforeAll
  void start(@TempDir Path release, Postgres postgres) throws Exception {
    Files.createFile(release.resolve("agent.jar"));
    api =
        TestApi.start(
            postgres,
            Map.of(
                "LIBERCLAW_AGENT_DIR",
                release.toString(),
                "LIBERCLAW_THROTTLE_MULTIPLIER",
                "1000"));
  }

  @AfterAll
  void stop() throws Exception {
    api.close();
  }

  @Test
  void aCreatedAgentIsAnsweredAsClientsKnowItInBothPathForms() throws Exception {
    String ada = api.guest().access();
    HttpResponse<String> created =
        api.post(
            "/agents/", ada, "{\"name\":\"Ada 🦀\",\"system_prompt\":\"p\\nq\",\"skills\":[]}");
    assertEquals(201, created.statusCode(), created.body());
    JsonNode agent = Json.parse(created.body());
    List<String> names = new ArrayList<>();
    agent.fieldNames().forEachRemaining(names::add);
    assertEquals(
        List.of(
            "id",
            "name",
            "system_prompt",
            "model",
            "deployment_status",
            "vm_url",
            "source",
            "skills",
            "public_name",
            "spend",
            "created_at",
            "updated_at"),
        names);
    assertEquals("pending", agent.get("deployment_status").textValue());
    assertTrue(agent.get("vm_url").isNull() && agent.get("skills").isNull());
    assertFalse(agent.get("public_name").booleanValue());
    assertEquals("qwen3-coder-next", agent.get("model").textValue());

    HttpResponse<String> second =
        api.post("/agents", ada, "{\"name\":\"b\",\"system_prompt\":\"p\"}");
    assertEquals(403, second.statusCode());
    assertEquals("{\"detail\":\"Agent limit reached (1)\"}", second.body());
    for (String path : List.of("/agents/", "/agents")) {
      JsonNode list = Json.parse(api.call("GET", path, ada, null).body());
      assertEquals(1, list.get("total").intValue());
      assertEquals("Ada 🦀", list.at("/agents/0/name").textValue());
    }
    String id = agent.get("id").textValue();
    JsonNode status = status(ada, id);
    assertEquals("failed", status.get("deployment_status").textValue());
    assertEquals(6, status.get("steps").size());
    assertEquals(
        "error", status.get("logs").get(status.get("logs").size() - 1).get("level").textValue());
    assertTrue(status.at("/logs/0/timestamp").isNumber());

    assertEquals(204, api.call("DELETE", "/agents/" + id, ada, null).statusCode());
    assertEquals(404, api.call("DELETE", "/agents/" + id, ada, null).statusCode());
  }

  @Test
  void b15ANameIsOneLineAndAPromptStaysWhole() throws Exception {
    String token = api.guest().access();
    for (String bad : List.of("\\n", "\\r", "\\u0085", "\\u2028", "\\u001b", "\\u0000")) {
      String name = "{\"name\":\"a" + bad + "AGENT_SECRET=x\",\"system_prompt\":\"p\"}";
      assertEquals(422, api.post("/agents/", token, name).statusCode(), bad);
    }
    String prompt = "first\\n# second\\nAGENT_SECRET=x \\\"q\\\" $HOME \\\\";
    HttpResponse<String> created =
        api.post("/agents/", token, "{\"name\":\"a=b #c\",\"system_prompt\":\"" + prompt + "\"}");
    assertEquals(201, created.statusCode(), created.body());
    JsonNode agent = Json.parse(created.body());
    assertEquals(
        "first\n# second\nAGENT_SECRET=x \"q\" $HOME \\", agent.get("system_prompt").textValue());
    String path = "/agents/" + agent.get("id").textValue();
    assertEquals(422, api.call("PATCH", path, token, "{\"name\":\"a\\nb\"}").statusCode());
    assertEquals(204, api.call("DELETE", path, token, null).statusCode());
  }

  @Test
  void c24HealthTellsBothVersions() throws Exception {
    TestApi.Tokens ada = api.guest();
    try (StubAgent stub = new StubAgent()) {
      UUID id = api.adoptAgent(api.userId(ada), stub);
      JsonNode health =
          Json.parse(api.call("GET", "/agents/" + id + "/health", ada.access(), null).body());
      assertEquals(2, health.get("agent_version").intValue());
      assertEquals(ControlPlane.AGENT_VERSION, health.get("current_version").intValue());
      stub.on("GET /health", (_, c) -> c.json(200, "{\"status\":\"ok\"}"));
      health = Json.parse(api.call("GET", "/agents/" + id + "/health", ada.access(), null).body());
      assertTrue(health.get("healthy").booleanValue());
      assertTrue(health.get("agent_version").isNull());
    }
  }

  @Test
  void badInputIsRefusedInTheShapeOfTheContract() throws Exception {
    String token = api.guest().access();
    assertInvalid("missing", "[\"body\",\"name\"]", "{\"system_prompt\":\"p\"}", token);
    assertInvalid("string_too_short", "[\"body\",\"name\"]", "{\"name\":\"\"}", token);
    assertInvalid(
        "string_too_long", "[\"body\",\"name\"]", "{\"name\":\"" + "🦀".repeat(101) + "\"}", token);
    assertInvalid("string_type", "[\"body\",\"name\"]", "{\"name\":7}", token);
    assertInvalid("value_error", "[\"body\",\"name\"]", "{\"name\":\"a\\nB=c\"}", token);
    assertInvalid("string_unicode", "[\"body\",\"name\"]", "{\"name\":\"a\\u0000\"}", token);
    assertInvalid("string_unicode", "[\"body\",\"name\"]", "{\"name\":\"a\\ud800\"}", token);
    assertInvalid(
        "list_type", "[\"body\",\"skills\"]", "{\"name\":\"a\",\"skills\":\"git\"}", token);
    assertInvalid("model_attributes_type", "[\"body\"]", "[]", token);
    assertInvalid(
        "string_too_long",
        "[\"body\",\"system_prompt\"]",
        "{\"name\":\"a\",\"system_prompt\":\"" + "x".repeat(32_001) + "\"}",
        token);
    assertEquals(422, api.call("GET", "/agents/not-a-uuid", token, null).statusCode());
    assertEquals(
        413,
        api.post("/agents/", token, "{\"name\":\"" + "x".repeat(600_000) + "\"}").statusCode());
    assertEquals(400, refused("{\"name\":\"a\"}", token).statusCode());
    assertEquals(
        "{\"detail\":\"Unknown model: gpt\"}",
        refused("{\"name\":\"a\",\"system_prompt\":\"p\",\"model\":\"gpt\"}", token).body());
  }

  @Test
  void somebodyElsesAgentEqualsNoneAndNobodyIsToldToSignIn() throws Exception {
    TestApi.Tokens ada = api.guest();
    String bob = api.guest().access();
    UUID id;
    try (StubAgent stub = new StubAgent()) {
      id = api.adoptAgent(api.userId(ada), stub);
      JsonNode health =
          Json.parse(api.call("GET", "/agents/" + id + "/health", ada.access(), null).body());
      assertTrue(health.get("healthy").booleanValue(), health.toString());
      assertEquals(10, health.get("current_version").intValue());
    }
    JsonNode health =
        Json.parse(api.call("GET", "/agents/" + id + "/health", ada.access(), null).body());
    assertTrue(!health.get("healthy").booleanValue() && health.get("agent_version").isNull());

    for (String call :
        List.of(
            "GET ",
            "DELETE ",
            "PATCH ",
            "GET /status",
            "GET /health",
            "POST /rebuild",
            "POST /redeploy")) {
      String method = call.split(" ", -1)[0];
      String path = "/agents/" + id + call.split(" ", -1)[1];
      String body = method.equals("PATCH") ? "{\"name\":\"x\"}" : null;
      HttpResponse<String> foreign = api.call(method, path, bob, body);
      assertEquals(404, foreign.statusCode(), call);
      assertEquals("{\"detail\":\"Agent not found\"}", foreign.body());
      assertEquals(401, api.call(method, path, null, body).statusCode(), call);
    }
    // An agent of the original has no machine of ours to be brought anything to.
    assertEquals(
        400, api.call("POST", "/agents/" + id + "/redeploy", ada.access(), null).statusCode());
    HttpResponse<String> patched =
        api.call("PATCH", "/agents/" + id, ada.access(), "{\"name\":\"Neu\",\"model\":null}");
    assertEquals("Neu", Json.parse(patched.body()).get("name").textValue());
    assertEquals(204, api.call("DELETE", "/agents/" + id, ada.access(), null).statusCode());
  }

  private JsonNode status(String token, String id) throws Exception {
    long deadline = System.nanoTime() + TestApi.DEADLINE.toNanos();
    while (true) {
      JsonNode status =
          Json.parse(api.call("GET", "/agents/" + id + "/status", token, null).body());
      boolean ended = status.get("deployment_status").textValue().equals("failed");
      if (ended || System.nanoTime() > deadline) {
        return status;
      }
      Thread.sleep(50);
    }
  }

  private HttpResponse<String> refused(String body, String token) throws Exception {
    return api.post("/agents/", token, body);
  }

  private void assertInvalid(String type, String location, String body, String token)
      throws Exception {
    HttpResponse<String> response = api.post("/agents/", token, body);
    assertEquals(422, response.statusCode(), response.body());
    JsonNode fault = Json.parse(response.body()).at("/detail/0");
    assertEquals(type, fault.get("type").textValue(), response.body());
    assertEquals(location, fault.get("loc").toString());
  }
}
