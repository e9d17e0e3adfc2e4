package ai.liberclaw.agent.broken;

import ai.liberclaw.api.broken.Seen;
import ai.liberclaw.db.agent.ATable;
import io.helidon.webserver.WebServer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What the house rules must find. */
public record BreaksEveryRule(Seen seen, ATable table, WebServer server) {
  static ExecutorService pool() {
    return Executors.newFixedThreadPool(2);
  }
}
