package ai.liberclaw.api.network;

import ai.liberclaw.api.web.PublicDocument;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;

/**
 * {@code GET /network/crns}, for anybody and as often as they like: it asks nobody, and the
 * database at most twice a minute, by one request while the others get what there is.
 */
public final class NetworkRoutes {
  private static final Logger LOG = System.getLogger(NetworkRoutes.class.getName());
  private static final Duration FRESH = Duration.ofSeconds(30);
  private static final double KB_PER_GB = 1024 * 1024;

  private final DSLContext sql;
  private final Clock clock;
  private final NetworkStore store = new NetworkStore();
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Answer last = new Answer(document(List.of()), Instant.MIN);

  private record Answer(PublicDocument document, Instant freshUntil) {}

  public NetworkRoutes(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  public void addTo(Router router) {
    router.get("/api/v1/network/crns", this::nodes);
  }

  private void nodes(Exchange exchange) {
    if (stale()) {
      boolean first = last.freshUntil().equals(Instant.MIN);
      if (first) {
        reading.lock();
      }
      if (first || reading.tryLock()) {
        try {
          if (stale()) {
            read();
          }
        } finally {
          reading.unlock();
        }
      }
    }
    last.document().send(exchange);
  }

  private boolean stale() {
    return !clock.instant().isBefore(last.freshUntil());
  }

  private void read() {
    Instant freshUntil = clock.instant().plus(FRESH);
    try {
      last = new Answer(document(store.located(sql)), freshUntil);
    } catch (DataAccessException e) {
      LOG.log(Level.WARNING, "network.unreadable", e);
      // The last list, or none, is better than no answer.
      last = new Answer(last.document(), freshUntil);
    }
  }

  private static PublicDocument document(List<Node> nodes) {
    ObjectNode json = Json.object().put("total", nodes.size());
    ArrayNode all = json.putArray("nodes");
    for (Node node : nodes) {
      Position position = node.position().orElseThrow();
      all.addObject()
          .put("hash", node.hash())
          .put("name", node.name())
          .put("url", node.url())
          .put("score", node.score())
          .put("lat", position.lat())
          .put("lng", position.lng())
          .put("country", position.country())
          .put("city", position.city())
          .put("mem_avail_gb", Math.round(node.memoryKb() / KB_PER_GB * 10) / 10.0)
          .put("cpu_count", node.cpus())
          .put("active", node.active());
    }
    return PublicDocument.of(json);
  }
}
