package ai.liberclaw.agent.schedule;

import java.time.Duration;
import java.util.Optional;

/**
 * A task that comes due when files change.
 *
 * @param path of a file or folder in the workspace, which need not exist
 * @param debounce how long changes are collected before the task runs
 * @param deliverTo the chat that gets its results; absent: the owner's
 */
record Watch(
    String id,
    String path,
    String task,
    boolean enabled,
    Duration debounce,
    Optional<String> deliverTo) {
  /** How the ids of jobs that a watcher makes begin. */
  static final String ID_PREFIX = "watcher:";

  private static final int PATH_LENGTH_MAX = 1_000;
  private static final int DEBOUNCE_DEFAULT = 60;
  private static final int DEBOUNCE_MAX = 24 * 60 * 60;

  static Watch of(Entry entry) throws ScheduleFault {
    return new Watch(
        entry.id(),
        entry.required("path", PATH_LENGTH_MAX).strip(),
        entry.task(),
        entry.flag("enabled", true),
        Duration.ofSeconds(entry.seconds("debounce", DEBOUNCE_DEFAULT, DEBOUNCE_MAX)),
        entry.deliverTo());
  }

  String jobId() {
    return ID_PREFIX + id;
  }
}
