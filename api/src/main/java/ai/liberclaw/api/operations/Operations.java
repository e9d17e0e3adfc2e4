package ai.liberclaw.api.operations;

import ai.liberclaw.api.health.Readiness;
import ai.liberclaw.api.inference.InferenceRoutes;
import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.client.AgentClient;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Watches a server: the access log on its router, and metrics with the listener that shows them.
 * Without an admin port nothing is measured.
 */
public final class Operations implements AutoCloseable {
  /** The only address the admin port is open on. */
  public static final String HOST = "127.0.0.1";

  private static final Logger LOG = System.getLogger(Operations.class.getName());

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics collector;
  private final AdminListener listener;

  private Operations(
      PrometheusMeterRegistry registry, JvmGcMetrics collector, AdminListener listener) {
    this.registry = registry;
    this.collector = collector;
    this.listener = listener;
  }

  /**
   * Writes a line per request from now on.
   *
   * @param client names the address a request came from
   */
  public static void logAccess(Router router, Function<Exchange, String> client) {
    router.observe(new AccessLog(client));
  }

  /**
   * Measures from now on, and listens on the admin port.
   *
   * @param port 0 takes any free port
   */
  public static Operations start(
      int port,
      Router router,
      PlatformDatabase database,
      AgentClient agents,
      Budgets budgets,
      InferenceRoutes inference,
      OpenStreams streams,
      Readiness readiness,
      Clock clock) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    router.observe(new RequestMetrics(registry));
    PlatformMetrics platform = new PlatformMetrics(registry, database, clock);
    platform.agents(agents);
    platform.streams(streams);
    ModelMetrics.register(registry, budgets);
    ModelMetrics.register(registry, inference);
    JvmGcMetrics collector = new JvmGcMetrics();
    collector.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    AdminListener listener = new AdminListener(HOST, port, readiness, registry::scrape);
    LOG.log(Level.INFO, "admin.started port=" + listener.port());
    return new Operations(registry, collector, listener);
  }

  /** The admin port; empty when it could not be had. */
  public OptionalInt port() {
    return listener.port() < 0 ? OptionalInt.empty() : OptionalInt.of(listener.port());
  }

  @Override
  public void close() {
    listener.close();
    collector.close();
    registry.close();
  }
}
