package ai.liberclaw.agent.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a process may do, from its {@code /proc/<pid>/status} (proc(5), capabilities(7)).
 *
 * @param user real, effective, saved and file system user, when they are all the same
 * @param effective capabilities as bits
 * @param permitted the same
 * @param ambient what programs it starts have too
 * @param noNewPrivileges whether programs it starts can gain any
 */
record Rights(
    Optional<Integer> user, long effective, long permitted, long ambient, boolean noNewPrivileges) {
  /** CAP_KILL, CAP_SETGID, CAP_SETUID. */
  private static final long SWITCHING = 1L << 5 | 1L << 6 | 1L << 7;

  /** Those of this server; empty where there is no such file. */
  static Optional<Rights> own() {
    try {
      return Optional.of(
          of(Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)));
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  /**
   * @throws NumberFormatException when these are not lines of such a file
   */
  static Rights of(List<String> status) {
    List<String> users = Arrays.asList(field(status, "Uid").split("\\s+"));
    Optional<Integer> user =
        users.stream().distinct().count() == 1
            ? Optional.of(Integer.valueOf(users.getFirst()))
            : Optional.empty();
    return new Rights(
        user,
        Long.parseUnsignedLong(field(status, "CapEff"), 16),
        Long.parseUnsignedLong(field(status, "CapPrm"), 16),
        Long.parseUnsignedLong(field(status, "CapAmb"), 16),
        field(status, "NoNewPrivs").equals("1"));
  }

  private static String field(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  boolean root() {
    return user.equals(Optional.of(0));
  }

  /** Whether a program started by this process can become another user and be ended again. */
  boolean maySwitch() {
    long passedOn = root() ? effective : ambient & effective;
    return (passedOn & SWITCHING) == SWITCHING;
  }

  boolean none() {
    return effective == 0 && permitted == 0 && ambient == 0;
  }
}
