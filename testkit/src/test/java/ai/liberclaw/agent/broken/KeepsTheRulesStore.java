package ai.liberclaw.agent.broken;

import ai.liberclaw.db.agent.ATable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What the house rules must leave alone. */
public record KeepsTheRulesStore(ATable table) {
  record Row(ATable table) {}

  static ExecutorService threads() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }
}
