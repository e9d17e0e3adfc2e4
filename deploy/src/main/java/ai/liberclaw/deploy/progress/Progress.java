package ai.liberclaw.deploy.progress;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The last run of an agent's deployment as its owner sees it: all six steps in order, and the log,
 * oldest line first. Both are empty when nothing was ever deployed.
 */
public record Progress(List<Step> steps, List<LogLine> logs) {
  public Progress {
    steps = List.copyOf(steps);
    logs = List.copyOf(logs);
  }

  public static Progress none() {
    return new Progress(List.of(), List.of());
  }

  /** One step; the detail is free text for the owner. */
  public record Step(StepKey key, StepStatus status, Optional<String> detail) {}

  /** One line, free of secrets. */
  public record LogLine(Instant at, LogLevel level, String message) {}
}
