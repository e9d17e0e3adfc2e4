package ai.liberclaw.bench;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Fernet;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.db.postgres.EmbeddedServer;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The packaged api as a process, on a PostgreSQL of its own, with agents that are all the same. */
final class ApiUnderTest implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofMinutes(2);

  /** As deploy/ops/server starts it, but for a bound that no machine's size changes. */
  private static final List<String> JVM_FLAGS =
      List.of("-Xmx1g", "-XX:+UseZGC", "-XX:+UseCompactObjectHeaders", "-Djdk.pollerMode=1");

  private static final String KEY =
      Base64.getUrlEncoder()
          .encodeToString("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

  /**
   * Somebody with one running agent.
   *
   * @param headers of a request, as they are sent
   */
  record User(String agentId, UUID ownerId, String headers) {
    byte[] chat(String message) {
      String body = "{\"message\":\"" + message + "\"}";
      return RawRequest.post("/api/v1/chat/" + agentId, headers, body);
    }
  }

  private final EmbeddedServer postgres;
  private final PlatformDatabase database;
  private final ServerProcess process;
  private final int port;
  private final int agentPort;
  private final HttpClient http = HttpClient.newHttpClient();

  private ApiUnderTest(
      EmbeddedServer postgres,
      PlatformDatabase database,
      ServerProcess process,
      int port,
      int agentPort) {
    this.postgres = postgres;
    this.database = database;
    this.process = process;
    this.port = port;
    this.agentPort = agentPort;
  }

  /**
   * Starts both and waits until the api is ready.
   *
   * @param agentPort where every agent answers
   */
  static ApiUnderTest start(Path jar, Path home, int agentPort) throws IOException {
    return start(jar, home, agentPort, Map.of("MODEL_PROVIDER", "offline"));
  }

  /**
   * @param settings added to the api's environment
   */
  static ApiUnderTest start(Path jar, Path home, int agentPort, Map<String, String> settings)
      throws IOException {
    Files.createDirectories(home);
    EmbeddedServer postgres = EmbeddedServer.start(home.resolve("postgres"));
    try {
      String url = postgres.createDatabase("bench");
      int port = ServerProcess.freePort();
      Map<String, String> environment = new LinkedHashMap<>();
      environment.put("PORT", Integer.toString(port));
      environment.put("LIBERCLAW_DATABASE_URL", url);
      environment.put("LIBERCLAW_DATA_DIR", home.resolve("data").toString());
      environment.put("LIBERCLAW_DEV_MODE", "true");
      environment.put("LIBERCLAW_JWT_SECRET", "bench-secret-of-more-than-32-bytes-0123456789");
      environment.put("LIBERCLAW_ENCRYPTION_KEY", KEY);
      environment.put("LIBERCLAW_THROTTLE_MULTIPLIER", "1000000");
      environment.put("LIBERCLAW_MAX_STREAMS_PER_USER", "10000");
      environment.put("LIBERCLAW_PRO_DAILY_MESSAGES", "100000000");
      environment.putAll(settings);
      ServerProcess process = ServerProcess.startJar(jar, environment, home, JVM_FLAGS);
      ApiUnderTest api =
          new ApiUnderTest(postgres, PlatformDatabase.open(url), process, port, agentPort);
      try {
        Await.until(
            "the api is ready",
            START_MAX,
            () -> api.get("/api/v1/health/ready").statusCode() == 200);
      } catch (AssertionError e) {
        String log = process.log();
        api.close();
        throw new IOException(log, e);
      }
      return api;
    } catch (IOException | RuntimeException e) {
      postgres.close();
      throw e;
    }
  }

  /** A guest made into somebody without limits, and an agent as the original left them. */
  User user(String device) throws IOException, SQLException {
    String pair =
        send(HttpRequest.newBuilder(uri("/api/v1/auth/guest"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"device_id\":\"" + device + "\"}")))
            .body();
    String token = Json.parse(pair).path("access_token").asText();
    String claims =
        new String(
            Base64.getUrlDecoder()
                .decode(token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'))),
            StandardCharsets.UTF_8);
    UUID owner = UUID.fromString(Json.parse(claims).path("sub").asText());
    UUID agent = UUID.randomUUID();
    try (Connection connection = database.dedicatedConnection()) {
      try (PreparedStatement tier =
          connection.prepareStatement("update users set tier = 'pro' where id = ?")) {
        tier.setObject(1, owner);
        tier.executeUpdate();
      }
      try (PreparedStatement row =
          connection.prepareStatement(
              "insert into agents (id, owner_id, name, system_prompt, model, deployment_status,"
                  + " vm_url, auth_token) values (?, ?, 'Bench', 'You are measured.',"
                  + " 'qwen3-coder-next', 'running', ?, ?)")) {
        row.setObject(1, agent);
        row.setObject(2, owner);
        row.setString(3, "http://127.0.0.1:" + agentPort);
        row.setString(4, Fernet.of(KEY, false).encrypt("secret-of-the-fake-agent"));
        row.executeUpdate();
      }
    }
    return new User(agent.toString(), owner, "Authorization: Bearer " + token + "\r\n");
  }

  /** The token of a user's agent, which opens the gateway to models. */
  static String token(User user) {
    return new AgentTokens(FernetKeys.parse(KEY, false))
        .mint(new AgentToken(UUID.fromString(user.agentId()), user.ownerId(), 0));
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /** The process whose children are the database's. */
  long postgresPid() {
    return postgres.pid();
  }

  private HttpResponse<String> get(String path) throws IOException {
    return send(HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(5)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  @Override
  public void close() {
    http.close();
    process.terminate();
    process.close();
    database.close();
    postgres.close();
  }
}
