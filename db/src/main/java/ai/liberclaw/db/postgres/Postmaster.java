package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A running server, as its own {@code postmaster.pid} tells: line 1 is the process, 3 the second it
 * started, 4 the port, 8 its state.
 */
record Postmaster(ProcessHandle process, int port, boolean ready) {
  // Between the start of a process and the time it wrote down.
  private static final Duration START_TOLERANCE = Duration.ofSeconds(30);

  /**
   * The server on this data, if one lives. A file that a crash left behind may name a process that
   * is something else by now; PostgreSQL would refuse to start because of it, so it is deleted.
   */
  static Optional<Postmaster> on(Path data) {
    Path file = data.resolve("postmaster.pid");
    try {
      List<String> lines = Files.readAllLines(file);
      if (lines.size() < 4) {
        // The first lines are written at once: this is no file of a server.
        return Optional.empty();
      }
      Optional<ProcessHandle> process =
          ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(Processes::lives);
      if (process.isEmpty()) {
        return Optional.empty();
      }
      Instant started = Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip()));
      if (isAnother(process.get().info(), data, started)) {
        Files.delete(file);
        return Optional.empty();
      }
      int port = Integer.parseInt(lines.get(3).strip());
      // The state comes last, and later than the rest.
      boolean ready = lines.size() >= 8 && lines.get(7).strip().equals("ready");
      return Optional.of(new Postmaster(process.get(), port, ready));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      throw new DatabaseException("The file " + file + " can't be read: " + e.getMessage(), e);
    }
  }

  /** Says yes only when it is sure: two servers on one directory would destroy the data. */
  private static boolean isAnother(ProcessHandle.Info process, Path data, Instant started) {
    boolean otherProgram =
        process.command().filter(command -> !command.endsWith("/postgres")).isPresent();
    boolean otherData =
        process
            .arguments()
            .filter(arguments -> !List.of(arguments).contains(data.toString()))
            .isPresent();
    boolean otherStart =
        process
            .startInstant()
            .filter(
                actual -> Duration.between(actual, started).abs().compareTo(START_TOLERANCE) > 0)
            .isPresent();
    return otherProgram || (otherData && otherStart);
  }
}
