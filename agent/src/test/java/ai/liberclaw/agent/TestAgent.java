package ai.liberclaw.agent;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** An agent in a folder of its own, with the demo model unless told otherwise. */
public final class TestAgent implements AutoCloseable {
  /** Longer than anything a test waits for. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(20);

  public static final String SECRET = "a-secret-for-tests";

  private final AgentServer server;
  private final Path folder;

  private TestAgent(AgentServer server, Path folder) {
    this.server = server;
    this.folder = folder;
  }

  public static TestAgent start(Path folder) throws IOException {
    return start(folder, Map.of());
  }

  /**
   * @param variables on top of what every agent in a test has
   */
  public static TestAgent start(Path folder, Map<String, String> variables) throws IOException {
    return new TestAgent(AgentServer.start(config(folder, variables)), folder);
  }

  /**
   * @param stallMax how long a reader may take nothing
   */
  public static TestAgent start(Path folder, Map<String, String> variables, Duration stallMax)
      throws IOException {
    AgentConfig config = config(folder, variables);
    AgentConfig.Listen listen = config.listen();
    AgentConfig impatient =
        new AgentConfig(
            config.name(),
            config.systemPrompt(),
            config.secret(),
            new AgentConfig.Listen(
                listen.host(), listen.port(), listen.keepalive(), stallMax, listen.shutdownGrace()),
            config.dbPath(),
            config.configFile(),
            config.workspace(),
            config.model(),
            config.turns(),
            config.permissions(),
            config.context(),
            config.proactive(),
            config.netAllowHosts(),
            config.braveKey(),
            config.recall(),
            config.telegram(),
            config.surroundings(),
            config.release(),
            config.fqdn(),
            config.sandbox(),
            config.mcp(),
            config.web(),
            config.browser(),
            config.environment(),
            config.secrets());
    return new TestAgent(AgentServer.start(impatient), folder);
  }

  static AgentConfig config(Path folder, Map<String, String> variables) {
    Map<String, String> environment = environment(folder);
    environment.putAll(variables);
    EnvReader read = new EnvReader(environment);
    AgentConfig config = AgentConfig.read(read, environment);
    read.throwIfProblems();
    return config;
  }

  /** What makes an agent ask this server for its answers. */
  public static Map<String, String> asking(ModelServer model) {
    return Map.of(
        "MODEL_PROVIDER", "openai",
        "LIBERTAI_API_KEY", "a-key-for-tests",
        "LIBERTAI_API_BASE_URL", model.baseUrl(),
        "INFERENCE_RETRIES", "0",
        "INFERENCE_RETRY_BASE_MS", "1");
  }

  /** What every agent in a test is configured by. */
  public static Map<String, String> environment(Path folder) {
    Map<String, String> environment = new HashMap<>();
    environment.put("AGENT_SECRET", SECRET);
    environment.put("MODEL_PROVIDER", "offline");
    environment.put("PORT", "0");
    environment.put("DB_PATH", folder.resolve("data/agent.db").toString());
    environment.put("WORKSPACE_PATH", workspace(folder).toString());
    environment.put("HEARTBEAT_INTERVAL", "0");
    environment.put("SHUTDOWN_GRACE", "0");
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    return environment;
  }

  public static Path workspace(Path folder) {
    return folder.resolve("workspace");
  }

  public int port() {
    return server.port();
  }

  public Path workspace() {
    return workspace(folder);
  }

  public Path database() {
    return folder.resolve("data/agent.db");
  }

  public RawResponse get(String path) throws IOException {
    return request("GET", path, "");
  }

  public RawResponse request(String method, String path, String body) throws IOException {
    return request(port(), method, path, body);
  }

  public static RawResponse request(int port, String method, String path, String body)
      throws IOException {
    return RawResponse.send(port, method, path, Map.of("Authorization", "Bearer " + SECRET), body);
  }

  /** Sends a message as an original client does; the answer is its stream. */
  public RawResponse say(String chatId, String message) throws IOException {
    return request("POST", "/chat", Json.write(message(chatId, message)));
  }

  /** Sends a message and waits for its end. */
  public void sayToTheEnd(String chatId, String message) throws IOException {
    try (RawResponse stream = say(chatId, message)) {
      stream.until("done");
    }
  }

  public static ObjectNode message(String chatId, String message) {
    return Json.object().put("message", message).put("chat_id", chatId);
  }

  public RawResponse stream(String chatId, String query) throws IOException {
    return get(path(chatId) + "/stream" + query);
  }

  public JsonNode history(String chatId) throws IOException {
    try (RawResponse response = get(path(chatId) + "/history?limit=1000")) {
      return response.json().path("messages");
    }
  }

  public JsonNode pending(String query) throws IOException {
    try (RawResponse response = get("/pending" + query)) {
      return response.json().path("messages");
    }
  }

  public static String path(String chatId) {
    return "/chat/" + URLEncoder.encode(chatId, StandardCharsets.UTF_8);
  }

  /** A message whose turn holds until {@link #letGo} is called with the same name. */
  public static String holding(String name) {
    return bash("touch " + name + ".began; until [ -e " + name + ".go ]; do sleep 0.02; done");
  }

  public static String bash(String command) {
    return "/tool bash " + Json.write(Json.object().put("command", command));
  }

  public void letGo(String name) throws IOException {
    Files.createFile(workspace().resolve(name + ".go"));
  }

  @Override
  public void close() {
    server.close();
  }
}
