package ai.liberclaw.deploy.engine;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.Proxy;
import io.helidon.webclient.api.WebClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * HTTP over the engine's socket. A Unix socket has no read timeout, so each call has a deadline.
 */
final class EngineHttp {
  /** Bytes a JSON answer may have. */
  static final int JSON_BYTES_MAX = 16 * 1024 * 1024;

  private static final int MESSAGE_BYTES_MAX = 4096;

  private final UnixDomainSocketAddress socket;

  /** How the request is sent. */
  interface Sender {
    HttpClientResponse send(HttpClientRequest request) throws IOException;
  }

  /** Reads a good answer to its end. */
  interface Reader<T> {
    T read(Answer answer) throws IOException;
  }

  /** A good answer: 2xx or 3xx. */
  record Answer(InputStream body) {
    byte[] bytes(int max) throws IOException {
      return EngineHttp.bytes(body, max);
    }

    JsonNode json() throws IOException {
      return Json.parse(bytes(JSON_BYTES_MAX));
    }
  }

  EngineHttp(Path socket) {
    this.socket = UnixDomainSocketAddress.of(socket);
  }

  /**
   * A client for one call. A connection that the engine closed meanwhile could not be told from a
   * good one, and Helidon 4.4 never opens one to a Unix socket that it is not to keep.
   */
  private WebClient client() {
    return WebClient.builder()
        .baseAddress(socket)
        .followRedirects(false)
        .keepAlive(true)
        .shareConnectionCache(false)
        .sendExpectContinue(false)
        .servicesDiscoverServices(false)
        .proxy(Proxy.noProxy())
        .build();
  }

  /**
   * One call in a thread of its own, which is cut off at the deadline or with its caller.
   *
   * @param target path and query, encoded
   * @throws EngineException for an answer of 4xx or 5xx, and for none
   */
  <T> T call(Method method, String target, Duration limit, Sender sender, Reader<T> reader)
      throws InterruptedException {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .name("engine-call")
            .start(() -> {
              try {
                result.complete(exchange(method, target, sender, reader));
              } catch (RuntimeException | IOException | Error e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new EngineException(
          EngineException.NO_ANSWER, "no answer within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case EngineException refused -> throw refused;
        case Error error -> throw error;
        case null, default ->
            throw new EngineException(
                EngineException.NO_ANSWER, "the engine did not answer", e.getCause());
      }
    } finally {
      if (!result.isDone()) {
        thread.interrupt();
      }
    }
  }

  private <T> T exchange(Method method, String target, Sender sender, Reader<T> reader)
      throws IOException {
    WebClient http = client();
    HttpClientRequest request = http.method(method).uri(URI.create("http://localhost" + target));
    try (HttpClientResponse response = sender.send(request);
        InputStream in = body(response)) {
      int status = response.status().code();
      if (status >= Status.BAD_REQUEST_400.code()) {
        throw new EngineException(status, message(in), null);
      }
      return reader.read(new Answer(in));
    } finally {
      http.closeResource();
    }
  }

  /** Sends a JSON body. */
  static Sender json(JsonNode body) {
    return request ->
        request.header(HeaderNames.CONTENT_TYPE, "application/json").submit(Json.writeBytes(body));
  }

  /** Sends nothing. */
  static Sender nothing() {
    return HttpClientRequest::request;
  }

  /** Sends a tar as it comes. */
  static Sender tar(Tar.Source source) {
    return request ->
        request
            .header(HeaderNames.CONTENT_TYPE, "application/x-tar")
            .outputStream(out -> {
              try (out) {
                source.copyTo(out);
              }
            });
  }

  private static InputStream body(HttpClientResponse response) {
    // Of these Helidon 4.4 awaits a body that never comes, where no length of nothing is given.
    int status = response.status().code();
    boolean bare =
        status == Status.NO_CONTENT_204.code() || status == Status.NOT_MODIFIED_304.code();
    return !bare && response.entity().hasEntity()
        ? response.inputStream()
        : InputStream.nullInputStream();
  }

  private static String message(InputStream in) throws IOException {
    byte[] body = in.readNBytes(MESSAGE_BYTES_MAX);
    try {
      return Json.parse(body).path("message").asText("");
    } catch (JsonException _) {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  static byte[] bytes(InputStream in, int max) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    int count;
    while ((count = in.read(buffer)) > 0) {
      if (bytes.size() + count > max) {
        throw new IOException("more than " + max + " bytes");
      }
      bytes.write(buffer, 0, count);
    }
    return bytes.toByteArray();
  }
}
