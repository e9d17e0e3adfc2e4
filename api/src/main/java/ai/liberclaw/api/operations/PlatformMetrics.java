package ai.liberclaw.api.operations;

import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.db.Database;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What is counted elsewhere, read when somebody looks. */
final class PlatformMetrics {
  private static final Duration KEPT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration STALE = Duration.ofMinutes(1);

  private final MeterRegistry registry;
  private final Recent<PlatformCounts> counts;

  PlatformMetrics(MeterRegistry registry, PlatformDatabase database, Clock clock) {
    this.registry = registry;
    PlatformCountsStore store = new PlatformCountsStore();
    this.counts =
        new Recent<>(
            () -> store.read(database.dsl(), clock.instant()), KEPT, PATIENCE, STALE, clock);
    states(
        "liberclaw.agents",
        "Agents by the state their owners see",
        List.of("pending", "deploying", "running", "stopped", "failed"),
        PlatformCounts::agents);
    states(
        "liberclaw.jobs",
        "Deployments that wait or run",
        List.of("queued", "running"),
        PlatformCounts::jobs);
    states(
        "liberclaw.jobs.oldest.age.seconds",
        "Age of the oldest deployment in this state",
        List.of("queued", "running"),
        PlatformCounts::jobAgeSeconds);
    states(
        "liberclaw.jobs.ended.day",
        "Deployments that ended within the last day",
        List.of("succeeded", "failed", "cancelled"),
        PlatformCounts::jobsEnded);
    states(
        "liberclaw.mails",
        "Mails that wait, and those sent or given up within the last day",
        List.of("queued", "sent", "failed"),
        PlatformCounts::mails);
    states(
        "liberclaw.pool",
        "Machines without an agent",
        List.of("requested", "provisioning", "allocated", "warm", "destroying"),
        PlatformCounts::machines);
    states(
        "liberclaw.orphans",
        "What providers have of this installation and nobody owns",
        List.of("quarantined", "held", "approved", "owned"),
        PlatformCounts::orphans);
    states(
        "liberclaw.alarms",
        "Alarms that hold, by level",
        List.of("warning", "critical"),
        PlatformCounts::alarms);
    pool("used", database, Database.PoolState::used);
    pool("idle", database, Database.PoolState::idle);
    pool("waiting", database, Database.PoolState::waiting);
    pool("max", database, Database.PoolState::max);
  }

  /** Calls to agents and what came of them. */
  void agents(AgentClient agents) {
    call("answered", agents, AgentClient::answered);
    for (AgentException.Kind kind : AgentException.Kind.values()) {
      call(kind.name().toLowerCase(Locale.ROOT), agents, client -> client.failed(kind));
    }
  }

  /** Events passed on. */
  void streams(OpenStreams streams) {
    FunctionCounter.builder("liberclaw.events.relayed", streams, OpenStreams::relayed)
        .description("Events of agents passed on to clients")
        .register(registry);
  }

  private void call(String outcome, AgentClient agents, ToDoubleFunction<AgentClient> count) {
    FunctionCounter.builder("liberclaw.agent.calls", agents, count)
        .description("Calls to agents by what came of them")
        .tag("outcome", outcome)
        .register(registry);
  }

  private void states(
      String name,
      String description,
      List<String> states,
      Function<PlatformCounts, Map<String, ? extends Number>> part) {
    for (String state : states) {
      Gauge.builder(name, counts, recent -> value(recent, part, state))
          .description(description)
          .tag("state", state)
          // Nobody else holds it.
          .strongReference(true)
          .register(registry);
    }
  }

  private static double value(
      Recent<PlatformCounts> recent,
      Function<PlatformCounts, Map<String, ? extends Number>> part,
      String state) {
    return recent
        .get()
        .map(part)
        .map(map -> map.containsKey(state) ? map.get(state).doubleValue() : 0)
        .orElse(Double.NaN);
  }

  private void pool(
      String state, PlatformDatabase database, ToDoubleFunction<Database.PoolState> part) {
    Gauge.builder("liberclaw.db.connections", () -> part.applyAsDouble(database.poolState()))
        .description("Database connections: at work, idle, threads waiting for one, the most")
        .tag("state", state)
        .register(registry);
  }
}
