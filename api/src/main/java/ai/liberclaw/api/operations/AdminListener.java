package ai.liberclaw.api.operations;

import ai.liberclaw.api.health.Readiness;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.observe.health.HealthObserverConfig;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A listener on loopback for whoever runs the server: {@code /metrics} in Prometheus's text format,
 * {@code /health/ready} and {@code /health/live}. It stays up while the public one drains.
 */
final class AdminListener implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 50;
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final WebServer server;

  /**
   * Starts at once.
   *
   * @param port 0 takes any free port
   * @param metrics gives the text of all metrics
   */
  AdminListener(String host, int port, Readiness readiness, Supplier<String> metrics) {
    HealthObserverConfig.Builder health =
        HealthObserver.builder().details(true).useSystemServices(false);
    readiness.names().forEach(name -> health.addCheck(new Check(name, readiness)));
    server =
        WebServer.builder()
            .host(host)
            .port(port)
            .featuresDiscoverServices(false)
            // As on the public listener: else a slow reader gets a broken answer.
            .useNio(false)
            .maxTcpConnections(CONNECTIONS_MAX)
            .shutdownGracePeriod(Duration.ofSeconds(1))
            .shutdownHook(false)
            .addFeature(
                ObserveFeature.builder()
                    .endpoint("/")
                    .observersDiscoverServices(false)
                    .addObserver(health.build())
                    .build())
            .routing(routing ->
                routing.get(
                    "/metrics",
                    (_, response) ->
                        response
                            .header(HeaderNames.CONTENT_TYPE, METRICS_TYPE)
                            .send(metrics.get())))
            .build()
            .start();
  }

  /** Where it listens; -1 when it could not. */
  int port() {
    return server.isRunning() ? server.port() : -1;
  }

  @Override
  public void close() {
    server.stop();
  }

  private record Check(String name, Readiness readiness) implements HealthCheck {
    @Override
    public HealthCheckType type() {
      return HealthCheckType.READINESS;
    }

    @Override
    public HealthCheckResponse call() {
      return HealthCheckResponse.builder().status(readiness.passes(name)).build();
    }
  }
}
