package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Whether a process still does anything. */
final class Processes {
  private static final Duration POLL = Duration.ofMillis(10);

  private Processes() {}

  /**
   * Not so for one that has ended and whose parent has not asked for its end: where the first
   * process of the machine is a program like ours, as in containers, nobody ever asks, and Java
   * calls it alive for good.
   */
  static boolean lives(ProcessHandle process) {
    return process.isAlive() && !hasEnded(process.pid());
  }

  /**
   * Waits for the end of a process that may be nobody's child: Java would wait for one that {@link
   * #lives} says has ended.
   */
  static void awaitEnd(ProcessHandle process, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (lives(process)) {
      if (System.nanoTime() > deadline) {
        throw new DatabaseException("The process " + process.pid() + " does not end.");
      }
      try {
        TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DatabaseException("Interrupted while the process " + process.pid() + " ends", e);
      }
    }
  }

  private static boolean hasEnded(long pid) {
    try {
      // The state is the first field after the name, which is in brackets and may hold any
      // character.
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String state = stat.substring(stat.lastIndexOf(')') + 1).strip();
      return state.startsWith("Z") || state.startsWith("X");
    } catch (IOException e) {
      // No such folder on macOS, whose first process always asks.
      return false;
    }
  }
}
