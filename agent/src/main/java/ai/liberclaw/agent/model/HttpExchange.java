package ai.liberclaw.agent.model;

import ai.liberclaw.core.sse.SseTooLargeException;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** One HTTP request to a model and its answer. */
final class HttpExchange implements AutoCloseable {
  private static final int ANSWER_BYTES_MAX = 16 * 1024 * 1024;
  private static final int ERROR_BYTES_MAX = 64 * 1024;
  private static final int DRAIN_BYTES_MAX = 64 * 1024;

  private final HttpClientResponse response;
  private final InputStream in;
  private final Wire wire;
  private final boolean framed;

  private HttpExchange(HttpClientResponse response, Wire wire, boolean framed) {
    this.response = response;
    this.in = new BoundedStream(response.inputStream());
    this.wire = wire;
    this.framed = framed;
  }

  /**
   * Sends the request and waits for the status.
   *
   * @throws Failure when it is not 200
   */
  static HttpExchange open(HttpModel model, byte[] body, Mode mode) throws Failure {
    Wire wire = model.wire();
    HttpClientRequest request =
        model
            .client()
            .post()
            .uri(wire.endpoint())
            .header(HeaderNames.CONTENT_TYPE, "application/json");
    wire.headers().forEach((name, value) -> request.header(HeaderNames.create(name), value));
    HttpClientResponse response = request.submit(body);
    try {
      int status = response.status().code();
      if (status != 200) {
        throw wire.refusal(status, errorText(response, status), retryAfter(response), mode);
      }
      String type = header(response, "content-type").toLowerCase(Locale.ROOT);
      return new HttpExchange(response, wire, wire.isFramed(type, mode));
    } catch (Failure | RuntimeException e) {
      response.close();
      throw e;
    }
  }

  /** Reads the answer to its end. */
  Reply reply(ReplyListener listener) throws IOException, Failure {
    return read(wire, in, framed, listener);
  }

  /**
   * Reads an answer to its end, wherever that is.
   *
   * @throws IOException when it breaks off or is not understood
   * @throws Failure when it ends without being finished, or with a refusal
   */
  static Reply read(Wire wire, InputStream in, boolean framed, ReplyListener listener)
      throws IOException, Failure {
    Wire.Answer answer = wire.answer(listener);
    if (framed) {
      try {
        frames(wire.frames(in, ANSWER_BYTES_MAX), answer);
      } catch (SseTooLargeException _) {
        throw new TooLargeException();
      }
    } else {
      byte[] body = in.readAllBytes();
      answer.add(body, body.length, true);
      throwIfError(answer);
    }
    return answer.finish();
  }

  private static void frames(Wire.Frames frames, Wire.Answer answer) throws IOException, Failure {
    try {
      while (!answer.isOver() && frames.advance()) {
        answer.add(frames.data(), frames.dataLength(), false);
        throwIfError(answer);
      }
    } catch (TooLargeException | SseTooLargeException e) {
      throw e;
    } catch (IOException | UncheckedIOException e) {
      // After its finish reason a reply is whole; only the usage and the end are missing.
      if (!answer.isFinished()) {
        throw e;
      }
    }
    if (!answer.isFinished()) {
      throw Failure.unavailable("stream ended without a finish reason");
    }
  }

  private static void throwIfError(Wire.Answer answer) throws Failure {
    Optional<String> error = answer.error();
    if (error.isPresent()) {
      throw Failure.reported(error.get());
    }
  }

  /** Reads what little is left, so that the connection goes back to the pool. */
  void drain() throws IOException {
    byte[] rest = new byte[1024];
    for (int total = 0; total < DRAIN_BYTES_MAX; ) {
      int count = in.read(rest);
      if (count < 0) {
        return;
      }
      total += count;
    }
  }

  /** Closes the socket when the answer was not read to its end. */
  @Override
  public void close() {
    response.close();
  }

  /** What kind of failure an exception of the connection or of the answer's form is. */
  static Failure failure(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return Failure.timeout("silent for too long");
      }
    }
    return Failure.unavailable(e.getClass().getSimpleName());
  }

  private static String errorText(HttpClientResponse response, int status) {
    if (status >= 500 || status == 429) {
      return "";
    }
    try (InputStream in = response.inputStream()) {
      return new String(in.readNBytes(ERROR_BYTES_MAX), StandardCharsets.UTF_8);
    } catch (IOException | UncheckedIOException | IllegalStateException _) {
      return "";
    }
  }

  private static OptionalLong retryAfter(HttpClientResponse response) {
    String value = header(response, "retry-after").strip();
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(value));
    } catch (NumberFormatException _) {
      try {
        Instant until =
            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        return OptionalLong.of(Math.max(0, Duration.between(Instant.now(), until).toSeconds()));
      } catch (DateTimeParseException _) {
        return OptionalLong.empty();
      }
    }
  }

  private static String header(HttpClientResponse response, String name) {
    return response.headers().first(HeaderNames.create(name)).orElse("");
  }

  /** The answer is over the bound. */
  static final class TooLargeException extends IOException {
    int bytesMax() {
      return ANSWER_BYTES_MAX;
    }
  }

  private static final class BoundedStream extends FilterInputStream {
    private long left = ANSWER_BYTES_MAX;

    BoundedStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      count(Math.max(0, count));
      return count;
    }

    private void count(int bytes) throws TooLargeException {
      left -= bytes;
      if (left < 0) {
        throw new TooLargeException();
      }
    }
  }
}
