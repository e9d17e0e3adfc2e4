package ai.liberclaw.testkit.host;

import java.time.Duration;
import java.util.List;

/** Containers of test runs that were killed before they could clean up. */
final class Leftovers {
  private static final String LABEL = "liberclaw.testkit";
  private static final Duration TIME_MAX = Duration.ofMinutes(1);

  private Leftovers() {}

  /** Marks a container as this process's. */
  static String label() {
    return LABEL + "=" + mark(ProcessHandle.current());
  }

  /** Removes what processes left that are no more. */
  static void remove(Podman podman) {
    String listed =
        podman.check(
            "ps",
            "-a",
            "--filter",
            "label=" + LABEL,
            "--format",
            "{{.ID}} {{index .Labels \"" + LABEL + "\"}}");
    for (String line : listed.lines().toList()) {
      String[] words = line.split(" ", 2);
      if (!isAlive(words[1])) {
        podman.run(
            new byte[0], TIME_MAX, List.of("rm", "-f", "-v", "-t", "0", "--ignore", words[0]));
      }
    }
  }

  /** The start time tells a process from a later one of the same number. */
  private static String mark(ProcessHandle process) {
    long started = process.info().startInstant().map(java.time.Instant::toEpochMilli).orElse(0L);
    return process.pid() + "-" + started;
  }

  private static boolean isAlive(String mark) {
    return ProcessHandle.of(Long.parseLong(mark.substring(0, mark.indexOf('-'))))
        .filter(ProcessHandle::isAlive)
        .filter(process -> mark(process).equals(mark))
        .isPresent();
  }
}
