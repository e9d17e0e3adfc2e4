package ai.liberclaw.deploy.host;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.provider.Health;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.Proxy;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/** Asks an agent behind a channel for its {@code /health}. */
final class HostHttp {
  private static final int BODY_BYTES_MAX = 64 * 1024;

  /** Has no connections of its own: each request brings one. */
  private static final WebClient CLIENT =
      WebClient.builder()
          .followRedirects(false)
          .keepAlive(false)
          .shareConnectionCache(false)
          .sendExpectContinue(false)
          .servicesDiscoverServices(false)
          .proxy(Proxy.noProxy())
          .build();

  private HostHttp() {}

  /** Silent for everything but a 200 with a JSON object; closes the channel. */
  static Health health(HostChannel channel, int port, Duration limit) {
    try (HostChannel _ = channel;
        HttpClientResponse response =
            CLIENT
                .get("http://127.0.0.1:" + port + "/health")
                .readTimeout(limit)
                .connection(new HostClientConnection(channel, limit))
                .request();
        InputStream body = response.inputStream()) {
      if (response.status().code() != 200) {
        return Health.silent();
      }
      JsonNode json = Json.parse(body.readNBytes(BODY_BYTES_MAX));
      return new Health(
          json.isObject(),
          text(json, "boot_id"),
          text(json, "release"),
          json.path("version").isInt()
              ? Optional.of(json.path("version").intValue())
              : Optional.empty());
    } catch (IOException | JsonException _) {
      return Health.silent();
    } catch (RuntimeException _) {
      // Helidon's own, of a connection that broke.
      return Health.silent();
    }
  }

  private static Optional<String> text(JsonNode json, String name) {
    return Optional.ofNullable(json.path(name).textValue()).filter(value -> !value.isEmpty());
  }
}
