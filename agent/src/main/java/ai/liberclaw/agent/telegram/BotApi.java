package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.telegram.BotApiException.Kind;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Telegram's Bot API over HTTP (core.telegram.org/bots/api). One call is one request; whoever calls
 * decides about retries. The token is part of every address, so nothing here lets an address out.
 */
final class BotApi implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration UPLOAD_TIMEOUT = Duration.ofMinutes(2);

  /** Added to the time for which Telegram holds a long poll. */
  private static final Duration POLL_MARGIN = Duration.ofSeconds(10);

  private static final int ANSWER_BYTES_MAX = 16 * 1024 * 1024;
  private static final int DESCRIPTION_LENGTH_MAX = 300;
  private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

  private final WebClient http;
  private final String base;
  private final String fileBase;
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides the token in what a server says
   */
  BotApi(TelegramSettings settings, UnaryOperator<String> mask) {
    http =
        WebClient.builder()
            .followRedirects(false)
            .shareConnectionCache(false)
            .sendExpectContinue(false)
            .connectTimeout(CONNECT_TIMEOUT)
            .readTimeout(READ_TIMEOUT)
            .build();
    base = settings.apiBase() + "/bot" + settings.token() + "/";
    fileBase = settings.apiBase() + "/file/bot" + settings.token() + "/";
    this.mask = mask;
  }

  /** The {@code result} of a method. */
  JsonNode call(String method, ObjectNode parameters) throws BotApiException {
    return call(method, parameters, READ_TIMEOUT);
  }

  /**
   * As {@link #call}, of a method that answers when there is something.
   *
   * @param held how long Telegram may hold the answer back
   */
  JsonNode poll(String method, ObjectNode parameters, Duration held) throws BotApiException {
    return call(method, parameters, held.plus(POLL_MARGIN));
  }

  private JsonNode call(String method, ObjectNode parameters, Duration timeout)
      throws BotApiException {
    HttpClientRequest request =
        post(method).readTimeout(timeout).header(HeaderNames.CONTENT_TYPE, "application/json");
    byte[] body = Json.writeBytes(parameters);
    return result(method, () -> request.submit(body));
  }

  /**
   * A file to send.
   *
   * @param field the parameter that it is
   */
  record Attachment(String field, String name, String contentType, long bytes, InputStream in) {}

  /** As {@link #call}, with a file; the stream is read once and stays open. */
  JsonNode upload(String method, Map<String, String> fields, Attachment file)
      throws BotApiException {
    String boundary = "form-" + UUID.randomUUID();
    StringBuilder head = new StringBuilder();
    fields.forEach(
        (name, value) -> head.append(part(boundary, name)).append("\r\n\r\n").append(value));
    head.append(part(boundary, file.field()))
        .append("; filename=\"")
        .append(file.name().replaceAll("[\"\\\\\\p{Cntrl}]", "_"))
        .append("\"\r\nContent-Type: ")
        .append(file.contentType())
        .append("\r\n\r\n");
    // The first boundary has no line end before it.
    byte[] before = head.substring(2).getBytes(StandardCharsets.UTF_8);
    byte[] after = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    HttpClientRequest request =
        post(method)
            .readTimeout(UPLOAD_TIMEOUT)
            .header(HeaderNames.CONTENT_TYPE, "multipart/form-data; boundary=" + boundary)
            .header(
                HeaderNames.CONTENT_LENGTH,
                Long.toString(before.length + file.bytes() + after.length));
    return result(
        method,
        () ->
            request.outputStream(out -> {
              out.write(before);
              exactly(file, out);
              out.write(after);
              out.close();
            }));
  }

  /**
   * Copies a file that {@code getFile} named.
   *
   * @param bytesMax of which one more is an error
   * @return bytes copied
   */
  long download(String filePath, OutputStream to, long bytesMax)
      throws BotApiException, IOException {
    String method = "download";
    HttpClientResponse response =
        answered(method, () -> http.get().uri(URI.create(fileBase + encoded(filePath))).request());
    try (response) {
      if (response.status().code() != 200) {
        throw refused(method, response.status().code(), "the file is not to be had");
      }
      InputStream in = response.inputStream();
      byte[] buffer = new byte[64 * 1024];
      long total = 0;
      for (int count = read(method, in, buffer); count >= 0; count = read(method, in, buffer)) {
        total += count;
        if (total > bytesMax) {
          throw refused(method, 413, "the file is too large");
        }
        to.write(buffer, 0, count);
      }
      return total;
    }
  }

  @Override
  public void close() {
    http.closeResource();
  }

  private HttpClientRequest post(String method) {
    return http.post().uri(URI.create(base + method));
  }

  private JsonNode result(String method, Sending sending) throws BotApiException {
    try (HttpClientResponse response = answered(method, sending)) {
      int status = response.status().code();
      byte[] body;
      try {
        body = response.inputStream().readNBytes(ANSWER_BYTES_MAX + 1);
      } catch (IOException | RuntimeException e) {
        throw uncertain(method, e);
      }
      if (body.length > ANSWER_BYTES_MAX) {
        throw new BotApiException(
            method, Kind.UNCERTAIN, 0, "answer over " + ANSWER_BYTES_MAX + " bytes", Duration.ZERO);
      }
      return result(method, status, body);
    }
  }

  private JsonNode result(String method, int status, byte[] body) throws BotApiException {
    JsonNode json;
    try {
      json = Json.parse(body);
    } catch (JsonException _) {
      if (status >= 400) {
        // What stands before Telegram answers in HTML.
        throw refused(method, status, "no JSON");
      }
      throw new BotApiException(method, Kind.UNCERTAIN, 0, "no JSON", Duration.ZERO);
    }
    if (json.path("ok").asBoolean() && json.has("result")) {
      return json.path("result");
    }
    if (!json.path("ok").isBoolean()) {
      throw new BotApiException(method, Kind.UNCERTAIN, 0, "no answer of the API", Duration.ZERO);
    }
    String description = mask.apply(json.path("description").asText("no description"));
    long seconds = Math.clamp(json.path("parameters").path("retry_after").asLong(0), 0, 3600);
    Duration retryAfter = Duration.ofSeconds(seconds);
    throw new BotApiException(
        method,
        Kind.REFUSED,
        json.path("error_code").asInt(status),
        description.substring(0, Math.min(description.length(), DESCRIPTION_LENGTH_MAX)),
        retryAfter.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : retryAfter);
  }

  /** No exception of the client goes on: some name the address. */
  private static HttpClientResponse answered(String method, Sending sending)
      throws BotApiException {
    try {
      return sending.send();
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof ConnectException
            || cause instanceof UnknownHostException
            || cause instanceof UnresolvedAddressException) {
          throw new BotApiException(
              method, Kind.NOT_SENT, 0, cause.getClass().getSimpleName(), Duration.ZERO);
        }
      }
      throw uncertain(method, e);
    }
  }

  private static BotApiException uncertain(String method, Exception e) {
    return new BotApiException(
        method, Kind.UNCERTAIN, 0, e.getClass().getSimpleName(), Duration.ZERO);
  }

  private static BotApiException refused(String method, int status, String description) {
    return new BotApiException(method, Kind.REFUSED, status, description, Duration.ZERO);
  }

  private static int read(String method, InputStream in, byte[] buffer) throws BotApiException {
    try {
      return in.read(buffer);
    } catch (IOException | RuntimeException e) {
      throw uncertain(method, e);
    }
  }

  /** The announced number of bytes, whatever becomes of the file meanwhile. */
  private static void exactly(Attachment file, OutputStream out) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long left = file.bytes();
    while (left > 0) {
      int count = file.in().read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new IOException("the file became shorter");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
  }

  private static String part(String boundary, String name) {
    return "\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"";
  }

  private static String encoded(String filePath) {
    StringBuilder out = new StringBuilder();
    for (byte b : filePath.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "/-_.~".indexOf(c) >= 0);
      out.append(plain ? String.valueOf(c) : String.format("%%%02X", b & 0xff));
    }
    return out.toString();
  }

  @FunctionalInterface
  private interface Sending {
    HttpClientResponse send();
  }
}
