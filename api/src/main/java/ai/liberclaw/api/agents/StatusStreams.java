package ai.liberclaw.api.agents;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.sse.SseWriter;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.DeploymentStatus;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * {@code GET /agents/{agent_id}/status/stream}: the status of a deployment whenever it changes,
 * until the job ends. Whichever server runs the job, its rows tell; a notification says when to
 * read them again.
 */
public final class StatusStreams {
  /** Notified with the deployment's id by whatever changes its rows. */
  private static final String CHANNEL = "liberclaw_progress";

  private final Agents agents;
  private final OpenStreams streams;
  private final Duration keepalive;
  private final Duration stallMax;
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /**
   * @param streams counts those of a user, whatever they are of
   * @param notifications not started yet
   * @param keepalive silence after which the client gets a ping
   * @param stallMax how long one write to a client may take before the client is dropped
   */
  public StatusStreams(
      Agents agents,
      OpenStreams streams,
      Notifications notifications,
      Duration keepalive,
      Duration stallMax) {
    this.agents = agents;
    this.streams = streams;
    this.keepalive = keepalive;
    this.stallMax = stallMax;
    notifications.on(CHANNEL, this::woken);
  }

  public void addTo(Router router) {
    router.get("/api/v1/agents/{agent_id}/status/stream", this::serve);
  }

  /** Tells the open streams to come back, and ends them. */
  public void drain() {
    draining = true;
    watches.forEach(Watch::wake);
  }

  private void woken(Optional<String> deployment) {
    for (Watch watch : watches) {
      if (deployment.isEmpty() || deployment.get().equals(watch.deployment)) {
        watch.wake();
      }
    }
  }

  private void serve(Exchange exchange) throws Exception {
    UUID owner = Caller.of(exchange).userId();
    UUID id = exchange.uuid("agent_id");
    if (agents.find(owner, id).isEmpty()) {
      throw new Refusal(404, "Agent not found");
    }
    if (exchange.method().equals("HEAD")) {
      exchange.send(200, "text/event-stream; charset=utf-8", new byte[0]);
      return;
    }
    Watch watch = new Watch();
    try (OpenStreams.Place _ = streams.open(owner)) {
      watches.add(watch);
      OutputStream body = exchange.eventStream();
      try (SseWriter writer =
          new SseWriter(exchange.streams(), body, SseWriter.Silence.PING, keepalive, stallMax)) {
        show(owner, id, watch, writer);
      }
      body.close();
    } finally {
      watches.remove(watch);
    }
  }

  private void show(UUID owner, UUID id, Watch watch, SseWriter writer) throws Exception {
    String shown = "";
    while (!draining) {
      Optional<DeploymentStatus> status = agents.status(owner, id);
      if (status.isEmpty()) {
        return;
      }
      Optional<UUID> active = status.get().active();
      String job = active.map(UUID::toString).orElse("");
      if (active.isPresent() && !job.equals(watch.deployment)) {
        // What changed before this job was watched is seen by reading once more.
        watch.deployment = job;
        continue;
      }
      String json =
          Json.writeAscii(AgentViews.status(status.get().agent(), status.get().progress()));
      if (!json.equals(shown)) {
        writer.event(json);
        shown = json;
      }
      if (active.isEmpty()) {
        return;
      }
      watch.await();
    }
    writer.restarting();
  }

  /** One open stream: which job it waits for, and that there is something to read. */
  private static final class Watch {
    private final Semaphore signal = new Semaphore(0);
    private volatile String deployment = "";

    void wake() {
      signal.release();
    }

    void await() throws InterruptedException {
      signal.acquire();
      signal.drainPermits();
    }
  }
}
