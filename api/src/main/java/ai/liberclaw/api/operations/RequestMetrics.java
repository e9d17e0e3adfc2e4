package ai.liberclaw.api.operations;

import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Observer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests by route, and the streams that are open. */
final class RequestMetrics implements Observer {
  private static final String UNKNOWN = "(unknown)";
  private static final Set<String> METHODS =
      Set.of("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT");
  private static final int THROTTLED = 429;
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;
  private final Map<Series, Timer> timers = new ConcurrentHashMap<>();
  private final Map<String, Counter> throttled = new ConcurrentHashMap<>();
  private final Map<StreamKind, LongAdder> open = new EnumMap<>(StreamKind.class);

  /** All that tells one series from another; routes are few, and so are these. */
  private record Series(String method, String route, String status) {}

  private enum StreamKind {
    CHAT,
    ACTIVITY,
    STATUS,
    DOWNLOAD;

    static StreamKind of(Exchange exchange) {
      String route = exchange.pattern().orElse("");
      if (route.startsWith("/api/v1/chat/")) {
        return CHAT;
      }
      if (route.startsWith("/api/v1/activity/")) {
        return ACTIVITY;
      }
      return route.endsWith("/status/stream") ? STATUS : DOWNLOAD;
    }
  }

  RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (StreamKind kind : StreamKind.values()) {
      LongAdder count = new LongAdder();
      open.put(kind, count);
      Gauge.builder("liberclaw.streams.open", count, LongAdder::doubleValue)
          .description("Answers that stream right now")
          .tag("kind", kind.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  @Override
  public void streaming(Exchange exchange) {
    count(exchange).increment();
  }

  @Override
  public void served(Exchange exchange, Served served) {
    if (exchange.streaming()) {
      count(exchange).decrement();
    }
    String route = exchange.pattern().orElse(UNKNOWN);
    record(exchange.method(), route, served.status(), served.nanos());
    if (served.status() == THROTTLED) {
      throttled.computeIfAbsent(route, this::throttledCounter).increment();
    }
  }

  @Override
  public void refusedEarly(String id, String method, String path, int status) {
    record(method, UNKNOWN, status, 0);
  }

  private LongAdder count(Exchange exchange) {
    return Objects.requireNonNull(open.get(StreamKind.of(exchange)));
  }

  private void record(String method, String route, int status, long nanos) {
    Series series =
        new Series(METHODS.contains(method) ? method : "OTHER", route, status / 100 + "xx");
    timers
        .computeIfAbsent(series, this::timer)
        .record(nanos, java.util.concurrent.TimeUnit.NANOSECONDS);
  }

  private Timer timer(Series series) {
    return Timer.builder("liberclaw.http.requests")
        .description("Requests and how long they took, streams to their end")
        .tag("method", series.method())
        .tag("route", series.route())
        .tag("status", series.status())
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private Counter throttledCounter(String route) {
    return Counter.builder("liberclaw.http.throttled")
        .description("Requests answered 429: over a rate limit, a quota, or a busy agent")
        .tag("route", route)
        .register(registry);
  }
}
