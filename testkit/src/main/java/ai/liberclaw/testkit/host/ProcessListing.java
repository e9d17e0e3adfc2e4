package ai.liberclaw.testkit.host;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Reads a host's {@code /proc} by a script, one line per process. */
final class ProcessListing {
  /** Prints: pid, user, arguments and environment, the last two in base64. */
  static final String SCRIPT =
      """
      for folder in /proc/[0-9]*; do
        pid=${folder#/proc/}
        [ "$pid" = "$$" ] && continue
        user=$(stat -c %U $folder 2>/dev/null) || continue
        arguments=$(base64 -w0 $folder/cmdline 2>/dev/null) || continue
        environment=$(base64 -w0 $folder/environ 2>/dev/null) || continue
        echo "$pid $user ${arguments:--} ${environment:--}"
      done
      """;

  private ProcessListing() {}

  static Optional<HostProcess> parse(String line) {
    String[] words = line.split(" ", -1);
    List<String> arguments = texts(words[2]);
    return Optional.of(
        new HostProcess(Long.parseLong(words[0]), words[1], arguments, texts(words[3])));
  }

  private static List<String> texts(String base64) {
    if (base64.equals("-")) {
      return List.of();
    }
    String joined = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    // The last one is ended by NUL too; empty ones in between are arguments.
    String trimmed = joined.endsWith("\0") ? joined.substring(0, joined.length() - 1) : joined;
    return List.of(trimmed.split("\0", -1));
  }
}
