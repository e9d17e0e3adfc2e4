package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.api.chat.RelayLimits;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.platform.Tables;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/** The real server on a free port with a real database of its own, and what tests ask of it. */
final class TestApi implements AutoCloseable {
  static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Pattern CODE = Pattern.compile("Your code is (\\d{6})");
  private static final Pattern LINK = Pattern.compile("verify\\?token=([A-Za-z0-9_-]+)");

  final TestClock clock = new TestClock();
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private final Map<String, String> settings;
  private final Path data;
  final ApiServer server;
  private final PlatformDatabase database;

  private TestApi(Map<String, String> settings, UnaryOperator<ApiServer.Options> adjustment)
      throws IOException {
    this.settings = settings;
    this.data = Files.createTempDirectory("liberclaw-api");
    try {
      Map<String, String> env = new HashMap<>(settings);
      env.putIfAbsent("LIBERCLAW_DATA_DIR", data.toString());
      ApiConfig config = ApiConfig.fromEnv(env);
      this.server = ApiServer.start(config, adjustment.apply(options(config)));
      this.database = PlatformDatabase.open(config.databaseUrl());
    } catch (RuntimeException e) {
      deleteData();
      throw e;
    }
  }

  private ApiServer.Options options(ApiConfig config) {
    return new ApiServer.Options(
        Map.of("PATH", System.getenv("PATH")),
        clock,
        new PrintStream(console, true, StandardCharsets.UTF_8),
        new AgentClient.Timeouts(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofMillis(2500),
            Duration.ZERO,
            Duration.ofMillis(1500),
            Duration.ofMillis(1500)),
        new RelayLimits(
            Duration.ofMillis(300),
            Duration.ofSeconds(2),
            Duration.ofMillis(1000),
            Duration.ofSeconds(2),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            Duration.ofMillis(50),
            config.streamsPerUser()),
        new PlatformDatabase.Settings(config.databaseUrl()));
  }

  /**
   * @param adjustment what the test wants otherwise than other tests
   */
  static TestApi start(
      Postgres postgres, Map<String, String> settings, UnaryOperator<ApiServer.Options> adjustment)
      throws IOException {
    Map<String, String> env = new HashMap<>();
    env.put("PORT", "0");
    env.put("LIBERCLAW_DEV_MODE", "true");
    env.put("LIBERCLAW_DATABASE_URL", postgres.newDatabase());
    env.put("LIBERCLAW_JWT_SECRET", Secrets.token(32));
    env.put("LIBERCLAW_ENCRYPTION_KEY", Secrets.token(32) + "=");
    env.put("LIBERCLAW_MAGIC_LINK_SECRET", Secrets.token(32));
    env.put("MODEL_PROVIDER", "offline");
    env.put("LIBERCLAW_CORS_ORIGINS", "https://app.example");
    env.putAll(settings);
    return new TestApi(env, adjustment);
  }

  /**
   * @param streamMax how long a stream of an original agent may last
   */
  static ApiServer.Options withRelay(ApiServer.Options options, Duration streamMax) {
    RelayLimits relay = options.relay();
    return new ApiServer.Options(
        options.environment(),
        options.clock(),
        options.console(),
        options.agentTimeouts(),
        new RelayLimits(
            relay.keepalive(),
            relay.stallMax(),
            relay.headWait(),
            relay.pendingWait(),
            streamMax,
            relay.detachedMax(),
            relay.connectRetry(),
            relay.streamsPerUser()),
        options.database());
  }

  /**
   * @param answer how long an agent may take for an answer that is no stream
   */
  static ApiServer.Options withAnswerTime(ApiServer.Options options, Duration answer) {
    AgentClient.Timeouts agents = options.agentTimeouts();
    return new ApiServer.Options(
        options.environment(),
        options.clock(),
        options.console(),
        new AgentClient.Timeouts(
            agents.connect(),
            answer,
            agents.health(),
            agents.silence(),
            agents.capabilitiesAge(),
            agents.files(),
            agents.download()),
        options.relay(),
        options.database());
  }

  /** All its work with the database goes over so many connections. */
  static ApiServer.Options withPool(ApiServer.Options options, int connections) {
    return new ApiServer.Options(
        options.environment(),
        options.clock(),
        options.console(),
        options.agentTimeouts(),
        options.relay(),
        new PlatformDatabase.Settings(
            options.database().url(), connections, Duration.ofSeconds(30)));
  }

  static TestApi start(Postgres postgres, Map<String, String> settings) throws IOException {
    return start(postgres, settings, UnaryOperator.identity());
  }

  static TestApi start(Postgres postgres) throws IOException {
    return start(postgres, Map.of());
  }

  /** Another server of the same installation: the same database and secrets, nothing else. */
  TestApi beside() throws IOException {
    return beside(Map.of());
  }

  /** The same, with these settings changed. */
  TestApi beside(Map<String, String> changed) throws IOException {
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(changed);
    return new TestApi(all, UnaryOperator.identity());
  }

  /** What the server encrypts with. */
  FernetKeys keys() {
    return FernetKeys.parse(settings.getOrDefault("LIBERCLAW_ENCRYPTION_KEY", ""), false);
  }

  /** Of the servers of this installation. */
  Map<String, String> environment() {
    return Map.copyOf(settings);
  }

  String databaseUrl() {
    return settings.getOrDefault("LIBERCLAW_DATABASE_URL", "");
  }

  PlatformDatabase database() {
    return database;
  }

  /** Whether it takes connections. */
  boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      return socket.isConnected();
    } catch (IOException _) {
      return false;
    }
  }

  /** The status of a GET whose body may never end. */
  int head(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri(path)).timeout(DEADLINE).build();
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    response.body().close();
    return response.statusCode();
  }

  DSLContext sql() {
    return database.dsl();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + "/api/v1" + path);
  }

  HttpResponse<String> call(
      String method, String path, @Nullable String token, @Nullable String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .timeout(DEADLINE)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, @Nullable String token, String body)
      throws IOException, InterruptedException {
    return call("POST", path, token, body);
  }

  /** Signs a new device in. */
  Tokens guest() throws IOException, InterruptedException {
    HttpResponse<String> response =
        post("/auth/guest", null, "{\"device_id\":\"" + UUID.randomUUID() + "\"}");
    return Tokens.of(response);
  }

  /** Signs somebody in by mail. */
  Tokens member(String email) throws Exception {
    String body = "{\"email\":\"%s\",\"code\":\"%s\"}".formatted(email, mail(email).code());
    return Tokens.of(post("/auth/verify-magic-link", null, body));
  }

  Tokens refreshed(Tokens tokens) throws IOException, InterruptedException {
    return Tokens.of(
        post("/auth/refresh", null, "{\"refresh_token\":\"" + tokens.refresh() + "\"}"));
  }

  record Tokens(String access, String refresh) {
    static Tokens of(HttpResponse<String> response) {
      assertEquals(200, response.statusCode(), response.body());
      JsonNode json = Json.parse(response.body());
      return new Tokens(
          json.get("access_token").textValue(), json.get("refresh_token").textValue());
    }
  }

  /** Polls for a fact. */
  static void await(Duration limit, Callable<Boolean> fact) throws Exception {
    Instant deadline = Instant.now().plus(limit);
    while (!fact.call()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("did not happen in time");
      }
      Thread.sleep(10);
    }
  }

  UUID userId(Tokens tokens) throws IOException, InterruptedException {
    HttpResponse<String> me = call("GET", "/users/me", tokens.access(), null);
    assertEquals(200, me.statusCode(), me.body());
    return UUID.fromString(Json.parse(me.body()).get("id").textValue());
  }

  /** An agent of this owner that the original deployed, answering where the stub does. */
  UUID adoptAgent(UUID owner, StubAgent stub) {
    return adoptAgent(owner, stub.origin());
  }

  /** The same with any address. */
  UUID adoptAgent(UUID owner, String origin) {
    UUID id = UUID.randomUUID();
    sql()
        .insertInto(Tables.AGENTS)
        .set(Tables.AGENTS.ID, id)
        .set(Tables.AGENTS.OWNER_ID, owner)
        .set(Tables.AGENTS.NAME, "Stub")
        .set(Tables.AGENTS.SYSTEM_PROMPT, "Be a stub.")
        .set(Tables.AGENTS.DEPLOYMENT_STATUS, "running")
        .set(Tables.AGENTS.VM_URL, origin)
        .set(Tables.AGENTS.AUTH_TOKEN, keys().encrypt(StubAgent.SECRET))
        .set(Tables.AGENTS.SOURCE, "web")
        .set(Tables.AGENTS.CREATED_AT, Instant.now())
        .set(Tables.AGENTS.UPDATED_AT, Instant.now())
        .execute();
    return id;
  }

  /** Asks for a sign-in mail and waits for it. */
  SignInMail mail(String address) throws Exception {
    // What was asked for earlier is shown by then, and not taken for this one.
    await(
        DEADLINE,
        () -> !sql().fetchExists(Tables.MAIL_OUTBOX, Tables.MAIL_OUTBOX.STATUS.eq("queued")));
    int before = console.toString(StandardCharsets.UTF_8).length();
    HttpResponse<String> asked = post("/auth/login/email", null, "{\"email\":\"" + address + "\"}");
    assertEquals(200, asked.statusCode(), asked.body());
    Instant deadline = Instant.now().plus(DEADLINE);
    while (Instant.now().isBefore(deadline)) {
      String text = console.toString(StandardCharsets.UTF_8).substring(before);
      Matcher code = CODE.matcher(text);
      Matcher link = LINK.matcher(text);
      if (code.find() && link.find()) {
        return new SignInMail(code.group(1), link.group(1));
      }
      Thread.sleep(10);
    }
    throw new AssertionError("no mail: " + console);
  }

  record SignInMail(String code, String token) {}

  /** Runs a call many times at once and gives the statuses. */
  static List<Integer> together(int count, Callable<HttpResponse<String>> call) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        answers.add(threads.submit(call));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<HttpResponse<String>> answer : answers) {
        statuses.add(answer.get().statusCode());
      }
      return statuses.stream().sorted().toList();
    }
  }

  @Override
  public void close() throws IOException {
    database.close();
    server.close();
    deleteData();
  }

  private void deleteData() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
