package ai.liberclaw.deploy.provider.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process and no later one that got its number.
 *
 * @param started clock ticks since boot where {@code /proc} tells them, else the start's Unix ms
 */
public record ProcessIdentity(long pid, String started) {
  /** Place of the start time among the fields of {@code /proc/<pid>/stat} after the name. */
  private static final int START_TIME_FIELD = 19;

  private static final int STATE_FIELD = 0;

  /** The process that has this number now; empty when none has, or it has ended already. */
  public static Optional<ProcessIdentity> of(long pid) {
    if (Files.isDirectory(Path.of("/proc/self"))) {
      return fromProc(pid);
    }
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .flatMap(handle -> handle.info().startInstant())
        .map(start -> new ProcessIdentity(pid, Long.toString(start.toEpochMilli())));
  }

  public boolean alive() {
    return of(pid).filter(this::equals).isPresent();
  }

  private static Optional<ProcessIdentity> fromProc(long pid) {
    try {
      // The name may hold spaces and parentheses, so fields count from its last parenthesis.
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat"));
      String stat = new String(bytes, StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      boolean ended = fields[STATE_FIELD].equals("Z") || fields[STATE_FIELD].equals("X");
      return ended
          ? Optional.empty()
          : Optional.of(new ProcessIdentity(pid, fields[START_TIME_FIELD]));
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
