package ai.liberclaw.deploy.client;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.HostResolver;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.client.AgentException.Kind;
import ai.liberclaw.deploy.http.StreamTimeouts;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webclient.api.ClientConnection;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.Proxy;
import io.helidon.webclient.api.WebClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls agents. Redirects are not followed, connections are pooled, nothing is sent twice, and what
 * an agent answers is bounded. Safe for any number of threads; blocks, and is interruptible.
 */
public final class AgentClient {
  /** Bytes a JSON answer may have. */
  public static final int JSON_BYTES_MAX = 8 * 1024 * 1024;

  /** Bytes one event of a stream may have. */
  public static final int EVENT_BYTES_MAX = 1024 * 1024;

  private static final int CAPABILITIES_CACHED_MAX = 10_000;

  private final WebClient http;
  private final Timeouts timeouts;
  private final AgentRoute route;
  private final AgentTunnels tunnels;
  private final Clock clock;
  private final Map<AgentAddress, Known> known = new ConcurrentHashMap<>();
  private final LongAdder answered = new LongAdder();
  private final Map<Kind, LongAdder> failed = new EnumMap<>(Kind.class);

  /**
   * How long the client waits.
   *
   * @param connect for a connection
   * @param answer for each part of a JSON answer
   * @param health for an answer of {@code /health}
   * @param silence between two events of a stream
   * @param capabilitiesAge for this long what an agent can do is not asked again
   * @param files for each part of an answer about files
   * @param download for each part of a file
   */
  public record Timeouts(
      Duration connect,
      Duration answer,
      Duration health,
      Duration silence,
      Duration capabilitiesAge,
      Duration files,
      Duration download) {
    /** Those of the product. */
    public static final Timeouts STANDARD =
        new Timeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(180),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60));
  }

  private record Known(AgentCapabilities capabilities, Instant until) {}

  /**
   * @param plainLoopback allows agents over http on loopback that no provider opened: development
   */
  public AgentClient(Timeouts timeouts, boolean plainLoopback, Clock clock) {
    this(timeouts, plainLoopback, clock, AgentTunnels.NONE);
  }

  /**
   * @param plainLoopback allows agents over http on loopback that no provider opened: development
   */
  public AgentClient(Timeouts timeouts, boolean plainLoopback, Clock clock, AgentTunnels tunnels) {
    this.timeouts = timeouts;
    this.tunnels = tunnels;
    this.clock = clock;
    for (Kind kind : Kind.values()) {
      failed.put(kind, new LongAdder());
    }
    this.route = new AgentRoute(new AddressPolicy(List.of()), HostResolver.system(), plainLoopback);
    this.http =
        WebClient.builder()
            .followRedirects(false)
            .connectTimeout(timeouts.connect())
            .readTimeout(timeouts.answer())
            .keepAlive(true)
            .socketOptions(options -> options.tcpNoDelay(true))
            .shareConnectionCache(false)
            .sendExpectContinue(false)
            .servicesDiscoverServices(false)
            .addService(new StreamTimeouts("agent-silence", timeouts.silence()))
            // An agent is called directly, whatever proxy this process was given for the web.
            .proxy(Proxy.noProxy())
            .build();
  }

  /** Asks {@code /health}. */
  public AgentHealth health(AgentAddress agent) throws AgentException {
    JsonNode health =
        json(http.method(Method.GET).readTimeout(timeouts.health()), agent, "/health", null, false);
    Set<String> names = new HashSet<>();
    for (JsonNode name : health.path("capabilities")) {
      names.add(name.asText());
    }
    JsonNode bootId = health.path("boot_id");
    AgentCapabilities capabilities =
        new AgentCapabilities(
            names, bootId.isTextual() ? Optional.of(bootId.textValue()) : Optional.empty());
    remember(agent, capabilities);
    JsonNode version = health.path("version");
    return new AgentHealth(
        version.isInt() ? Optional.of(version.intValue()) : Optional.empty(), capabilities);
  }

  /**
   * What the agent can do, from a recent answer or asked now. An agent that does not answer is
   * taken for one that can do nothing special.
   */
  public AgentCapabilities capabilities(AgentAddress agent) {
    try {
      return knownCapabilities(agent);
    } catch (AgentException _) {
      return AgentCapabilities.NONE;
    }
  }

  /**
   * What the agent can do, from a recent answer or asked now.
   *
   * @throws AgentException when it does not answer and never did
   */
  public AgentCapabilities knownCapabilities(AgentAddress agent) throws AgentException {
    Known recent = known.get(agent);
    if (recent != null && clock.instant().isBefore(recent.until())) {
      return recent.capabilities();
    }
    try {
      return health(agent).capabilities();
    } catch (AgentException e) {
      if (recent == null) {
        throw e;
      }
      // What it could a moment ago is the better guess while it starts again.
      return recent.capabilities();
    }
  }

  /** Sends a message; the answer is the stream of its turn. Never sent twice. */
  public AgentStream chat(AgentAddress agent, ObjectNode body) throws AgentException {
    return stream(http.method(Method.POST), agent, "/chat", body);
  }

  /**
   * Reads a chat's events.
   *
   * @param after the number above which events are wanted; empty for the running turn
   * @param follow stay open while nothing runs
   */
  public AgentStream events(
      AgentAddress agent, String chatId, Optional<Long> after, boolean follow, boolean deltas)
      throws AgentException {
    StringBuilder path =
        new StringBuilder(chatPath(chatId)).append("/stream?deltas=").append(deltas);
    after.ifPresent(number -> path.append("&after=").append(number));
    if (follow) {
      path.append("&follow=true");
    }
    return stream(http.method(Method.GET), agent, path.toString(), null);
  }

  /**
   * The newest rows of a chat, oldest first.
   *
   * @param limit how many at most
   */
  public JsonNode history(AgentAddress agent, String chatId, long limit) throws AgentException {
    return json(
        http.method(Method.GET), agent, chatPath(chatId) + "/history?limit=" + limit, null, true);
  }

  /** Deletes a chat. */
  public void clear(AgentAddress agent, String chatId) throws AgentException {
    json(http.method(Method.DELETE), agent, chatPath(chatId), null, true);
  }

  /** Reads all pending messages, which the agent forgets by answering. */
  public JsonNode takePending(AgentAddress agent) throws AgentException {
    return json(http.method(Method.GET), agent, "/pending", null, true);
  }

  /**
   * Reads the pending messages above a channel's cursor; they stay until acknowledged.
   *
   * @param wait for each part of the answer
   */
  public JsonNode pending(AgentAddress agent, String channel, Duration wait) throws AgentException {
    return json(
        http.method(Method.GET).readTimeout(wait),
        agent,
        "/pending/channel/" + encode(channel),
        null,
        true);
  }

  /** Moves a channel's cursor. */
  public void acknowledge(AgentAddress agent, String channel, long upToId) throws AgentException {
    json(
        http.method(Method.POST),
        agent,
        "/pending/ack",
        Json.object().put("channel", channel).put("up_to_id", upToId),
        true);
  }

  /** {@code {"active","user_message","mode"}}. */
  public JsonNode active(AgentAddress agent, String chatId) throws AgentException {
    return json(http.method(Method.GET), agent, chatPath(chatId) + "/active", null, true);
  }

  /** Stops the running turn: {@code {"status","cancelled"}}. */
  public JsonNode stop(AgentAddress agent, String chatId) throws AgentException {
    return json(http.method(Method.POST), agent, chatPath(chatId) + "/stop", null, true);
  }

  Timeouts timeouts() {
    return timeouts;
  }

  /** A request to an agent, by the address that was checked and with its secret. */
  HttpClientRequest request(Method method, AgentAddress agent, String path, Duration readTimeout)
      throws AgentException {
    return addressed(http.method(method).readTimeout(readTimeout), agent, path, true);
  }

  /**
   * A chat's questions about tool calls: {@code {"approvals"}}.
   *
   * @param decided also those that wait no longer, as far as the agent lists them
   */
  public JsonNode approvals(AgentAddress agent, String chatId, boolean decided)
      throws AgentException {
    String path = "/approvals?chat_id=" + encode(chatId) + (decided ? "&status=all" : "");
    return json(http.method(Method.GET), agent, path, null, true);
  }

  /**
   * Answers a question: status 404 when the agent does not know it, 409 when it is too late.
   *
   * @param decision {@code once}, {@code turn}, {@code always} or {@code deny}
   * @param by who decided, as the agent keeps it
   */
  public void decide(AgentAddress agent, String approvalId, String decision, String by)
      throws AgentException {
    json(
        http.method(Method.POST),
        agent,
        "/approvals/" + encode(approvalId),
        Json.object().put("decision", decision).put("by", by),
        true);
  }

  /** Closes idle connections. */
  public void close() {
    http.closeResource();
  }

  private AgentStream stream(
      HttpClientRequest request, AgentAddress agent, String path, @Nullable ObjectNode body)
      throws AgentException {
    HttpClientResponse response =
        send(request.readTimeout(timeouts.silence()), agent, path, body, true);
    try {
      return new AgentStream(response);
    } catch (RuntimeException e) {
      response.close();
      throw failure(e);
    }
  }

  private JsonNode json(
      HttpClientRequest request,
      AgentAddress agent,
      String path,
      @Nullable ObjectNode body,
      boolean withSecret)
      throws AgentException {
    return object(send(request, agent, path, body, withSecret));
  }

  /** Calls so far that got the head of a good answer. */
  public long answered() {
    return answered.sum();
  }

  /** Calls so far that failed so before there was the head of a good answer. */
  public long failed(Kind kind) {
    return Objects.requireNonNull(failed.get(kind)).sum();
  }

  private HttpClientResponse send(
      HttpClientRequest request,
      AgentAddress agent,
      String path,
      @Nullable ObjectNode body,
      boolean withSecret)
      throws AgentException {
    try {
      HttpClientResponse response = exchange(request, agent, path, body, withSecret);
      answered.increment();
      return response;
    } catch (AgentException e) {
      Objects.requireNonNull(failed.get(e.kind())).increment();
      throw e;
    }
  }

  private HttpClientResponse exchange(
      HttpClientRequest request,
      AgentAddress agent,
      String path,
      @Nullable ObjectNode body,
      boolean withSecret)
      throws AgentException {
    addressed(request, agent, path, withSecret);
    HttpClientResponse response;
    try {
      if (body == null) {
        response = request.request();
      } else {
        request.header(HeaderNames.CONTENT_TYPE, "application/json");
        response = request.submit(Json.writeBytes(body));
      }
    } catch (RuntimeException e) {
      throw failure(e);
    }
    return successful(response);
  }

  private HttpClientRequest addressed(
      HttpClientRequest request, AgentAddress agent, String path, boolean withSecret)
      throws AgentException {
    // Its way of skipping the encoding is to decode: a name would become part of the request line.
    request.uri(URI.create(agent.base() + path));
    route.of(agent).ifPresent(request::address);
    if (agent.tunnel().isPresent()) {
      request.connection(tunnel(agent.tunnel().get()));
    }
    if (withSecret) {
      request.header(HeaderNames.AUTHORIZATION, "Bearer " + agent.secret());
    }
    return request;
  }

  private ClientConnection tunnel(AgentAddress.Tunnel tunnel) throws AgentException {
    try {
      return tunnels.open(tunnel, timeouts.connect());
    } catch (IOException e) {
      throw new AgentException(Kind.UNREACHABLE, "the agent could not be reached", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AgentException(Kind.LOST, "the call was interrupted", e);
    }
  }

  /** The same answer when its status is 2xx. */
  static HttpClientResponse successful(HttpClientResponse response) throws AgentException {
    if (response.status().family() != Status.Family.SUCCESSFUL) {
      int status = response.status().code();
      response.close();
      throw new AgentException(Kind.STATUS, status, "the agent answered HTTP " + status);
    }
    return response;
  }

  /** Reads a JSON object to its end, and closes the answer. */
  static JsonNode object(HttpClientResponse answer) throws AgentException {
    try (HttpClientResponse response = answer;
        InputStream in = response.inputStream()) {
      JsonNode json = Json.parse(read(in));
      if (!json.isObject()) {
        throw new AgentException(Kind.NOT_JSON, 0, "the agent answered no JSON object");
      }
      return json;
    } catch (JsonException e) {
      throw new AgentException(Kind.NOT_JSON, "the agent answered no JSON", e);
    } catch (IOException | RuntimeException e) {
      throw failure(e);
    }
  }

  private static byte[] read(InputStream in) throws IOException, AgentException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    int count;
    while ((count = in.read(buffer)) > 0) {
      if (bytes.size() + count > JSON_BYTES_MAX) {
        throw new AgentException(
            Kind.TOO_LARGE, 0, "the agent answered more than " + JSON_BYTES_MAX + " bytes");
      }
      bytes.write(buffer, 0, count);
    }
    return bytes.toByteArray();
  }

  /** Says what a failure of the connection means; interruption shows as {@link Kind#LOST}. */
  public static AgentException failure(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ConnectException _,
            NoRouteToHostException _,
            UnknownHostException _,
            SSLException _ -> {
          return new AgentException(Kind.UNREACHABLE, "the agent could not be reached", e);
        }
        case SocketTimeoutException timeout -> {
          boolean connecting = String.valueOf(timeout.getMessage()).contains("onnect");
          return connecting
              ? new AgentException(Kind.UNREACHABLE, "the agent could not be reached", e)
              : new AgentException(Kind.SILENT, "the agent was silent", e);
        }
        default -> {}
      }
    }
    return new AgentException(Kind.LOST, "the connection to the agent was lost", e);
  }

  private void remember(AgentAddress agent, AgentCapabilities capabilities) {
    if (known.size() >= CAPABILITIES_CACHED_MAX) {
      Instant now = clock.instant();
      known.values().removeIf(entry -> entry.until().isBefore(now));
    }
    known.put(agent, new Known(capabilities, clock.instant().plus(timeouts.capabilitiesAge())));
  }

  private static String chatPath(String chatId) {
    return "/chat/" + encode(chatId);
  }

  /** One path segment. */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
