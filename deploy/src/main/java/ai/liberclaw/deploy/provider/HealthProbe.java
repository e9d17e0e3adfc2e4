package ai.liberclaw.deploy.provider;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Asks an agent on a loopback port for its {@code /health}. */
public final class HealthProbe {
  private static final int BODY_BYTES_MAX = 64 * 1024;
  private static final int CONNECT_TIMEOUT_MS = 1000;

  private HealthProbe() {}

  /** Silent for everything but a 200 with a JSON object. */
  public static Health ask(int port, Duration limit) {
    try {
      URI uri = URI.create("http://127.0.0.1:" + port + "/health");
      // A proxy configured for the server must never see agents of this machine.
      if (!(uri.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection connection)) {
        return Health.silent();
      }
      connection.setConnectTimeout(CONNECT_TIMEOUT_MS);
      connection.setReadTimeout(Math.toIntExact(limit.toMillis()));
      connection.setInstanceFollowRedirects(false);
      connection.setRequestProperty("Connection", "close");
      try (InputStream body = connection.getInputStream()) {
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
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
      } finally {
        connection.disconnect();
      }
    } catch (IOException | JsonException _) {
      return Health.silent();
    }
  }

  private static Optional<String> text(JsonNode json, String name) {
    return Optional.ofNullable(json.path(name).textValue()).filter(value -> !value.isEmpty());
  }
}
