package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.health.HealthRoutes;
import ai.liberclaw.api.health.Readiness;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.ErrorBody;
import ai.liberclaw.core.web.Listener;
import ai.liberclaw.core.web.Router;
import io.helidon.webserver.WebServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Whoever asks for readiness gets an answer while it still matters. */
class ReadinessTest {
  @Test
  void d14APartThatNeverAnswersHasFailed() throws Exception {
    ErrorBody errors = (_, message) -> Json.object().put("detail", message);
    Router router = new Router(errors);
    CountDownLatch interrupted = new CountDownLatch(1);
    Readiness.Check stuck =
        () -> {
          try {
            return new CountDownLatch(1).await(1, java.util.concurrent.TimeUnit.HOURS);
          } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
          }
        };
    new HealthRoutes(new Readiness(Map.of("database", stuck))).addTo(router);
    WebServer server =
        Listener.of("127.0.0.1", 0, 1024, Duration.ofSeconds(1), router, errors).build().start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + server.port() + "/api/v1/health/ready");
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(503, answer.statusCode());
      assertTrue(interrupted.await(5, java.util.concurrent.TimeUnit.SECONDS));
    } finally {
      server.stop();
    }
  }
}
