package ai.liberclaw.agent.sandbox;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Tries a sandbox by running something in it that looks around. */
final class Probe {
  private static final Duration TIME_MAX = Duration.ofSeconds(5);
  private static final int REPORT_BYTES_MAX = 64 * 1024;
  private static final String READY = "ready";

  /** Says what is wrong in its first line, or {@code ready} and then what it is allowed. */
  private static final String SCRIPT =
      """
      workspace=$1; shift
      cd "$workspace" 2>/dev/null || { echo 'the workspace cannot be entered'; exit; }
      for file do
        if [ -r "$file" ]; then echo 'files of the agent can be read'; exit; fi
      done
      if [ "$write" = yes ]; then
        (umask 077; : > ".probe-$$") 2>/dev/null || { echo 'the workspace cannot be written'; exit; }
        rm -f ".probe-$$"
      fi
      [ -w /tmp ] || { echo 'nothing can be written to /tmp'; exit; }
      echo ready
      while IFS= read -r line; do printf '%s\\n' "$line"; done < /proc/self/status
      """;

  private Probe() {}

  /**
   * Why the sandbox is of no use; empty when it works.
   *
   * @param unreadable what must not be readable inside
   * @param write whether the workspace must be writable already
   */
  static Optional<String> problem(Sandbox sandbox, List<String> unreadable, boolean write)
      throws InterruptedException {
    try {
      List<String> command =
          new ArrayList<>(
              List.of(
                  "/bin/sh",
                  "-c",
                  (write ? "write=yes\n" : "write=no\n") + SCRIPT,
                  "probe",
                  sandbox.directory().toString()));
      command.addAll(unreadable);
      return judge(sandbox, run(sandbox, command));
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> judge(Sandbox sandbox, List<String> report) {
    String first = report.isEmpty() ? "it did not start" : report.getFirst();
    if (!first.equals(READY)) {
      return Optional.of(first);
    }
    try {
      Rights inside = Rights.of(report);
      boolean switched =
          sandbox.user().isEmpty() || inside.user().equals(Optional.of(sandbox.user().getAsInt()));
      return switched && inside.none() && inside.noNewPrivileges()
          ? Optional.empty()
          : Optional.of("it leaves privileges");
    } catch (NumberFormatException _) {
      return Optional.of("it has no /proc");
    }
  }

  private static List<String> run(Sandbox sandbox, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        sandbox
            .child(command)
            // The server's own folder may be out of reach for who runs it.
            .directory(new File("/"))
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .start();
    try {
      Thread watch =
          Thread.startVirtualThread(() -> {
            try {
              if (!process.waitFor(TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
              }
            } catch (InterruptedException _) {
              process.destroyForcibly();
            }
          });
      byte[] report = process.getInputStream().readNBytes(REPORT_BYTES_MAX);
      process.waitFor();
      watch.interrupt();
      return new String(report, StandardCharsets.UTF_8).lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
