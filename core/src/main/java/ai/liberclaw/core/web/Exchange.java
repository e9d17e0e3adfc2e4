package ai.liberclaw.core.web;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.sse.SseWatch;
import ai.liberclaw.core.watch.WaitTimeout;
import ai.liberclaw.core.watch.WaitTimeouts;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One request and its answer, as a route sees them. Used by the request's own thread. */
public final class Exchange {
  /** How long a client may take to send a JSON body. */
  public static final Duration BODY_TIME_MAX = Duration.ofSeconds(30);

  private static final Pattern UUID_TEXT =
      Pattern.compile("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  /** Bytes of a body read for nothing to keep a connection. */
  private static final long DROPPED_BYTES_MAX = 1 << 20;

  /** What a body costs before it has come: by its own account it could be as large as allowed. */
  private static final int BUFFER_BYTES = 4096;

  private static final Pattern LENGTH_TEXT = Pattern.compile("[0-9]{1,18}");

  private final ServerRequest request;
  private final ServerResponse response;
  private final String id;
  private final Consumer<Exchange> onStreaming;
  private final WaitTimeouts bodies;
  private final SseWatch streams;
  private final HangUps hangUps;
  private Optional<String> pattern = Optional.empty();
  private Map<String, String> path = Map.of();
  private boolean streaming;
  private @Nullable BodyStream body;

  Exchange(
      ServerRequest request,
      ServerResponse response,
      String id,
      Consumer<Exchange> onStreaming,
      WaitTimeouts bodies,
      SseWatch streams,
      HangUps hangUps) {
    this.request = request;
    this.response = response;
    this.id = id;
    this.onStreaming = onStreaming;
    this.bodies = bodies;
    this.streams = streams;
    this.hangUps = hangUps;
  }

  /** The request's id, also in its log lines and in {@code X-Request-Id}. */
  public String id() {
    return id;
  }

  public ServerRequest request() {
    return request;
  }

  public ServerResponse response() {
    return response;
  }

  public String method() {
    return request.prologue().method().text().toUpperCase(Locale.ROOT);
  }

  /** The path as it was sent, percent-encoded, without the query. */
  public String rawPath() {
    return request.prologue().uriPath().rawPath();
  }

  /** The pattern of the route, such as {@code /agents/{agent_id}}; empty when none matched. */
  public Optional<String> pattern() {
    return pattern;
  }

  /** A request header; the first when it was sent more than once. */
  public Optional<String> requestHeader(String name) {
    return request.headers().first(HeaderNames.create(name));
  }

  /** A request header, in the order of its lines, for one that may be sent more than once. */
  public List<String> requestHeaders(String name) {
    return request.headers().values(HeaderNames.create(name));
  }

  /**
   * A path parameter, decoded once.
   *
   * @throws Refusal 404 when its percent-encoding is broken
   */
  public String path(String name) {
    return decode(rawPathParameter(name));
  }

  /** A path parameter as it was sent. */
  public String rawPathParameter(String name) {
    String value = path.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no path parameter " + name);
    }
    return value;
  }

  /**
   * Decodes percent-encoding once; a plus stays a plus.
   *
   * @throws Refusal 404 when it is broken
   */
  public static String decode(String raw) {
    try {
      return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw new Refusal(404, Router.NOT_FOUND);
    }
  }

  /**
   * A path parameter that is a UUID.
   *
   * @throws Invalid when it is not
   */
  public UUID uuid(String name) {
    String value = path(name);
    if (!UUID_TEXT.matcher(value).matches()) {
      throw new Invalid(
          Invalid.Fault.of("uuid_parsing", List.of("path", name), "Input should be a valid UUID"));
    }
    return UUID.fromString(value);
  }

  /**
   * A query parameter, decoded; the last when it was sent more than once.
   *
   * @throws Refusal 400 when the query's percent-encoding is cut off
   */
  public Optional<String> query(String name) {
    List<String> values;
    try {
      values = request.query().all(name, List::of);
    } catch (IndexOutOfBoundsException | IllegalArgumentException _) {
      throw new Refusal(400, "Bad Request");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  /**
   * A whole-number query parameter within bounds, both included.
   *
   * @throws Invalid when it is not
   */
  public long queryInteger(String name, long defaultValue, long min, long max) {
    Optional<String> text = query(name);
    if (text.isEmpty()) {
      return defaultValue;
    }
    List<Object> location = List.of("query", name);
    long value;
    try {
      value = Long.parseLong(text.get().strip());
    } catch (NumberFormatException _) {
      throw new Invalid(
          Invalid.Fault.of(
              "int_parsing",
              location,
              "Input should be a valid integer, unable to parse string as an integer"));
    }
    if (value < min) {
      throw new Invalid(
          new Invalid.Fault(
              "greater_than_equal",
              location,
              "Input should be greater than or equal to " + min,
              LongNode.valueOf(value),
              Json.object().put("ge", min)));
    }
    if (value > max) {
      throw new Invalid(
          new Invalid.Fault(
              "less_than_equal",
              location,
              "Input should be less than or equal to " + max,
              LongNode.valueOf(value),
              Json.object().put("le", max)));
    }
    return value;
  }

  /** A query parameter that is true or false. */
  public boolean queryFlag(String name, boolean defaultValue) {
    return query(name)
        .map(text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true", "1", "yes", "on" -> true;
              case "false", "0", "no", "off" -> false;
              default ->
                  throw new Invalid(
                      Invalid.Fault.of(
                          "bool_parsing",
                          List.of("query", name),
                          "Input should be a valid boolean"));
            })
        .orElse(defaultValue);
  }

  /**
   * The body as a JSON object, ready for checking.
   *
   * @throws Refusal 413 over the limit; one that takes too long is cut off
   * @throws Invalid when it is absent, not JSON or not an object
   */
  public Fields json(int bytesMax) throws IOException {
    byte[] body = body(bytesMax);
    if (body.length == 0) {
      throw new Invalid(Invalid.Fault.of("missing", List.of("body"), "Field required"));
    }
    String type = requestHeader("Content-Type").orElse("application/json").toLowerCase(Locale.ROOT);
    String media = type.split(";", 2)[0].strip();
    if (!media.equals("application/json") && !media.endsWith("+json")) {
      throw Fields.notAnObject();
    }
    JsonNode node;
    try {
      node = Json.parse(body);
    } catch (JsonException e) {
      throw new Invalid(
          new Invalid.Fault(
              "json_invalid",
              List.of("body", e.offset()),
              "JSON decode error",
              Json.object(),
              Json.object().put("error", e.getMessage())));
    }
    return Fields.of(node);
  }

  /**
   * The whole body.
   *
   * @throws Refusal 413 over the limit; one that takes too long is cut off
   */
  public byte[] body(int bytesMax) throws IOException {
    long declared = request.headers().contentLength().orElse(-1);
    if (declared > bytesMax) {
      throw tooLarge();
    }
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (WaitTimeout whole = bodies.of(BODY_TIME_MAX);
        InputStream in = bodyStream()) {
      return whole.within(() -> read(in, bytesMax));
    }
  }

  private static byte[] read(InputStream in, int bytesMax) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(BUFFER_BYTES);
    byte[] buffer = new byte[BUFFER_BYTES];
    int count;
    while ((count = in.read(buffer)) >= 0) {
      if (bytes.size() + count > bytesMax) {
        throw tooLarge();
      }
      bytes.write(buffer, 0, count);
    }
    return bytes.toByteArray();
  }

  /** The body as it comes in, at the client's pace. */
  public InputStream bodyStream() {
    BodyStream stream = new BodyStream(request.content().inputStream());
    body = stream;
    return stream;
  }

  /** Whether what is left of the body may be read and dropped, so that the connection lives on. */
  boolean bodyIsDroppable() {
    if (!framed()) {
      return false;
    }
    if (body != null) {
      return !body.isBroken();
    }
    return !request.content().hasEntity()
        || request.headers().contentLength().orElse(Long.MAX_VALUE) <= DROPPED_BYTES_MAX;
  }

  /**
   * Whether it is certain where the body ends. Servers that read such a request in different ways
   * would take a part of it for a next one (RFC 9112, 6.3 and 11.2).
   */
  boolean framed() {
    List<String> lengths = request.headers().values(HeaderNames.CONTENT_LENGTH);
    List<String> codings = request.headers().values(HeaderNames.TRANSFER_ENCODING);
    if (codings.isEmpty()) {
      return lengths.isEmpty()
          || (lengths.size() == 1 && LENGTH_TEXT.matcher(lengths.getFirst()).matches());
    }
    return lengths.isEmpty()
        && codings.size() == 1
        && codings.getFirst().equalsIgnoreCase("chunked");
  }

  private static Refusal tooLarge() {
    return new Refusal(413, "Request body too large");
  }

  /** Sets a header of the answer; it stays on an error answer too. */
  public Exchange header(String name, String value) {
    response.header(HeaderNames.create(name), value);
    return this;
  }

  public void send(JsonNode body) {
    send(200, body);
  }

  public void send(int status, JsonNode body) {
    send(status, "application/json", Json.writeBytes(body));
  }

  /** Sends a body; a HEAD request gets its length alone. */
  public void send(int status, String contentType, byte[] body) {
    if (method().equals("HEAD")) {
      sendHead(status, contentType, body.length);
      return;
    }
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    response.send(body);
  }

  /**
   * Answers a HEAD request.
   *
   * @param length of the body that GET would get, in bytes
   */
  public void sendHead(int status, String contentType, long length) {
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    response.header(HeaderNames.CONTENT_LENGTH, Long.toString(length));
    response.send();
  }

  /** 304: what the client has is what there is. */
  public void sendNotModified() {
    response.status(Status.NOT_MODIFIED_304).send();
  }

  /** 204. */
  public void sendNothing() {
    response.status(Status.NO_CONTENT_204).send();
  }

  /**
   * Starts a streamed answer of status 200 or the one set before. From here on a failure can only
   * cut the connection.
   */
  public OutputStream stream(String contentType) {
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    streaming = true;
    onStreaming.accept(this);
    return response.outputStream();
  }

  /** Starts a stream of server-sent events that no proxy may buffer. */
  public OutputStream eventStream() {
    header("Cache-Control", "no-cache");
    header("X-Accel-Buffering", "no");
    return stream("text/event-stream; charset=utf-8");
  }

  /** Looks after the streams of this server. */
  public SseWatch streams() {
    return streams;
  }

  /** Somebody sees whether the client is still there, until it is closed. */
  public interface Attendance extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Has a client noticed that hangs up before it has its answer, a second or two later. The body
   * has to be read before. Streams need none of this: they notice by what they write.
   *
   * @param gone run at most once, by a thread of the server's that it must not hold up
   */
  public Attendance attend(Runnable gone) {
    return ClientConnection.served().map(client -> hangUps.attend(client, gone)).orElse(() -> {});
  }

  /** True once the answer's status has left or may have left. */
  public boolean streaming() {
    return streaming;
  }

  /** The address the connection came from. */
  public String peer() {
    return request.remotePeer().host();
  }

  void matched(String route, Map<String, String> values) {
    pattern = Optional.of(route);
    path = values;
  }
}
