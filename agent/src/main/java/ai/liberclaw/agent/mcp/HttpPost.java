package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.sse.SseReader;
import ai.liberclaw.core.sse.SseTooLargeException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One message to a server over HTTP, and what it sends back. Blocks; an interrupt closes the
 * connection and fails it.
 */
final class HttpPost {
  private static final int REDIRECTS_MAX = 3;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 307, 308);
  private static final int ERROR_LENGTH_MAX = 500;

  private final WebClient client;
  private final URI url;
  private final HttpHeaders headers;
  private final Optional<Session> session;

  HttpPost(WebClient client, URI url, HttpHeaders headers, Optional<Session> session) {
    this.client = client;
    this.url = url;
    this.headers = headers;
    this.session = session;
  }

  /** The server does not know the session any more. */
  static final class SessionGoneException extends IOException {
    SessionGoneException() {
      super("session gone");
    }
  }

  /**
   * What came back.
   *
   * @param session the one that the server began with this answer
   */
  record Answer(JsonNode message, Optional<String> session) {}

  /**
   * Sends a request.
   *
   * @param others takes what the server says beside the answer
   * @throws SessionGoneException the request was not looked at
   */
  Answer request(long id, ObjectNode message, Consumer<JsonNode> others)
      throws McpException, IOException {
    try (HttpClientResponse response = send(message)) {
      Optional<String> began = header(response, HttpHeaders.SESSION);
      String type = header(response, "Content-Type").orElse("").toLowerCase(Locale.ROOT);
      if (type.startsWith("text/event-stream")) {
        return new Answer(fromStream(response.inputStream(), id, others), began);
      }
      if (type.startsWith("application/json")) {
        return new Answer(fromBody(response.inputStream(), id, others), began);
      }
      throw McpException.transport(
          "answered HTTP "
              + response.status().code()
              + " without JSON or an event stream, but with "
              + (type.isEmpty() ? "no content type" : Line.of(type, 100)));
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
  }

  /** Sends a message that has no answer. Returns the status. */
  int tell(ObjectNode message) throws McpException, IOException {
    try (HttpClientResponse response = send(message)) {
      return response.status().code();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
  }

  private HttpClientResponse send(ObjectNode message) throws McpException, IOException {
    byte[] body = Json.writeBytes(message);
    URI target = url;
    for (int redirects = 0; ; redirects++) {
      HttpClientRequest request = client.post().uri(target);
      headers.addTo(request);
      session.ifPresent(known -> {
        HttpHeaders.set(request, HttpHeaders.VERSION, known.version());
        known.id().ifPresent(id -> HttpHeaders.set(request, HttpHeaders.SESSION, id));
      });
      HttpClientResponse response = request.submit(body);
      boolean good = false;
      try {
        int status = response.status().code();
        if (REDIRECTS.contains(status)) {
          target = redirected(response, target, redirects);
        } else if (status >= 200 && status < 300) {
          good = true;
          return response;
        } else {
          throw failure(response, status);
        }
      } finally {
        if (!good) {
          response.close();
        }
      }
    }
  }

  private static URI redirected(HttpClientResponse response, URI from, int redirects)
      throws McpException {
    if (redirects == REDIRECTS_MAX) {
      throw McpException.transport("redirected more than " + REDIRECTS_MAX + " times");
    }
    URI to;
    try {
      to = from.resolve(header(response, "Location").orElse(""));
    } catch (IllegalArgumentException _) {
      throw McpException.transport("redirected to something that is no address");
    }
    // Elsewhere the owner's headers, and what the call says, would be somebody else's.
    if (!origin(to).equals(origin(from))) {
      throw McpException.transport("redirected to another origin, which is not followed");
    }
    return to;
  }

  private static List<Object> origin(URI url) {
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
    return List.of(scheme, String.valueOf(url.getHost()).toLowerCase(Locale.ROOT), port);
  }

  private McpException failure(HttpClientResponse response, int status) throws IOException {
    String text = "";
    try (InputStream in = response.inputStream()) {
      byte[] some = in.readNBytes(4 * ERROR_LENGTH_MAX);
      text = Line.of(new String(some, StandardCharsets.UTF_8), ERROR_LENGTH_MAX);
    } catch (IOException | UncheckedIOException | IllegalStateException _) {
      // Without a body the status has to do.
    }
    boolean remembered = session.flatMap(Session::id).isPresent();
    // Some servers call an unknown session a bad request.
    boolean unknown =
        status == 404 || (status == 400 && text.toLowerCase(Locale.ROOT).contains("session"));
    if (remembered && unknown) {
      throw new SessionGoneException();
    }
    return McpException.transport("HTTP " + status + (text.isEmpty() ? "" : ": " + text));
  }

  private static JsonNode fromBody(InputStream in, long id, Consumer<JsonNode> others)
      throws McpException, IOException {
    byte[] body = in.readNBytes(Rpc.MESSAGE_BYTES_MAX + 1);
    if (body.length > Rpc.MESSAGE_BYTES_MAX) {
      throw tooLong();
    }
    return find(body, id, others)
        .orElseThrow(() -> McpException.transport("answered something else than was asked"));
  }

  private static JsonNode fromStream(InputStream in, long id, Consumer<JsonNode> others)
      throws McpException, IOException {
    SseReader events = new SseReader(in, Rpc.MESSAGE_BYTES_MAX);
    try {
      while (events.advance()) {
        Optional<JsonNode> answer =
            find(Arrays.copyOf(events.data(), events.dataLength()), id, others);
        if (answer.isPresent()) {
          return answer.get();
        }
      }
    } catch (SseTooLargeException _) {
      throw tooLong();
    }
    throw McpException.transport("ended its stream without an answer");
  }

  private static McpException tooLong() {
    return McpException.transport(
        "sent a message of more than " + Rpc.MESSAGE_BYTES_MAX + " bytes");
  }

  /** The answer among the messages of one text; the others go their way. */
  private static Optional<JsonNode> find(byte[] json, long id, Consumer<JsonNode> others)
      throws McpException {
    if (json.length == 0) {
      return Optional.empty();
    }
    JsonNode message;
    try {
      message = Json.parse(json);
    } catch (JsonException _) {
      throw McpException.transport("sent something that is not JSON");
    }
    Optional<JsonNode> answer = Optional.empty();
    // Older revisions allow several messages in one.
    for (JsonNode one : message.isArray() ? message : List.of(message)) {
      if (Rpc.answered(one).filter(answered -> answered == id).isPresent()) {
        answer = Optional.of(one);
      } else {
        others.accept(one);
      }
    }
    return answer;
  }

  private static Optional<String> header(HttpClientResponse response, String name) {
    return response.headers().first(HeaderNames.create(name)).filter(value -> !value.isBlank());
  }
}
