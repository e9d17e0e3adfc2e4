package ai.liberclaw.agent.coding;

/**
 * What became of the checkpoint before a task.
 *
 * @param content in words
 */
record CheckpointOutcome(boolean ok, String content) {
  String status() {
    return ok ? "ok" : "failed";
  }
}
