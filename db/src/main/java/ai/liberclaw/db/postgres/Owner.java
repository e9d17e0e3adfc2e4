package ai.liberclaw.db.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Which process has to stop a server: written in a file, so that it can be taken over from one that
 * was killed.
 */
final class Owner {
  private final Path file;
  private final String us;

  Owner(Path folder) {
    file = folder.resolve("owner");
    us = mark(ProcessHandle.current());
  }

  boolean isGone() throws IOException {
    String owner = read();
    if (owner.isEmpty()) {
      return true;
    }
    long pid = Long.parseLong(owner.substring(0, owner.indexOf(' ')));
    return ProcessHandle.of(pid)
        .filter(Processes::lives)
        .filter(process -> mark(process).equals(owner))
        .isEmpty();
  }

  void become() throws IOException {
    Files.writeString(file, us);
  }

  void clear() throws IOException {
    Files.deleteIfExists(file);
  }

  private String read() throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Process numbers are used again; together with its start a number is one process. */
  private static String mark(ProcessHandle process) {
    return process.pid()
        + " "
        + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
