package ai.liberclaw.api;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.testkit.model.ModelServer;
import ai.liberclaw.testkit.sse.RawSse;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** A server whose gateway asks model servers of the test, and one agent with its token. */
final class TestGateway implements AutoCloseable {
  static final String KEY = "sk-operators-secret-key";

  final ModelServer model = ModelServer.start();
  final ModelServer second = ModelServer.start();
  final TestApi api;
  final UUID owner;
  final UUID agent;
  final String token;

  TestGateway(Postgres postgres) throws IOException, InterruptedException {
    this(postgres, Map.of());
  }

  TestGateway(Postgres postgres, Map<String, String> settings)
      throws IOException, InterruptedException {
    this(postgres, settings, 120);
  }

  /**
   * @param silenceSeconds how long the first service may be silent
   */
  TestGateway(Postgres postgres, Map<String, String> settings, int silenceSeconds)
      throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>();
    all.put("LIBERCLAW_MODEL_UPSTREAMS", upstreams(silenceSeconds));
    all.put("LIBERTAI_API_KEY", KEY);
    all.put("LIBERTAI_SEARCH_BASE_URL", model.url());
    // Its own limits where a test speaks of them; those of a guest are soon held back by many
    // calls.
    all.put("LIBERCLAW_BUDGET_GUEST", "none");
    all.putAll(settings);
    api = TestApi.start(postgres, all);
    owner = api.userId(api.guest());
    agent = api.adoptAgent(owner, "http://127.0.0.1:9");
    token = token(agent, 0);
  }

  /** The first for what the second has too, and for more. */
  private String upstreams(int silenceSeconds) {
    ArrayNode list = Json.array();
    ObjectNode first =
        list.addObject()
            .put("name", "first")
            .put("kind", "openai")
            .put("base_url", model.baseUrl())
            .put("key", KEY)
            .put("owner_keys", true);
    first.putObject("timeouts").put("silence", silenceSeconds);
    ArrayNode models = first.putArray("models");
    model(models, "test-model").put("as", "own-name").put("context", 100_000);
    model(models, "only-first");
    models.addObject().put("id", "unpriced");
    models
        .addObject()
        .put("id", "painter")
        .put("offered", false)
        .putObject("price")
        .put("picture", 0.02);
    model(models, "embedder").put("offered", false);
    ObjectNode other =
        list.addObject()
            .put("name", "second")
            .put("kind", "openai")
            .put("base_url", second.baseUrl())
            .put("key", KEY + "-2");
    model(other.putArray("models"), "test-model");
    ObjectNode claude =
        list.addObject()
            .put("name", "claude")
            .put("kind", "anthropic")
            .put("base_url", model.url())
            .put("key", KEY + "-3");
    model(claude.putArray("models"), "claude-test");
    return Json.write(list);
  }

  private static ObjectNode model(ArrayNode models, String id) {
    ObjectNode model = models.addObject().put("id", id);
    model.putObject("price").put("prompt", 1).put("cached", 0.1).put("completion", 2);
    return model;
  }

  String token(UUID agentId, long generation) {
    return new AgentTokens(api.keys()).mint(new AgentToken(agentId, owner, generation));
  }

  static ObjectNode chat(String text) {
    ObjectNode body = Json.object().put("model", "test-model");
    body.putArray("messages").addObject().put("role", "user").put("content", text);
    return body;
  }

  HttpResponse<String> ask(ObjectNode body, String... headers)
      throws IOException, InterruptedException {
    return api.call("POST", "/inference/v1/chat/completions", token, Json.write(body), headers);
  }

  RawSse stream(ObjectNode body) throws IOException {
    return RawSse.post(
        api.uri("/inference/v1/chat/completions"),
        Map.of("Authorization", "Bearer " + token),
        Json.write(body.put("stream", true)));
  }

  @Override
  public void close() throws IOException {
    try {
      api.close();
    } finally {
      model.close();
      second.close();
    }
  }
}
