package ai.liberclaw.db.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a process still does anything. */
final class Processes {
  private Processes() {}

  /**
   * Not so for one that has ended and whose parent has not asked for its end: where the first
   * process of the machine is a program like ours, as in containers, nobody ever asks, and Java
   * calls it alive for good.
   */
  static boolean lives(ProcessHandle process) {
    return process.isAlive() && !hasEnded(process.pid());
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
