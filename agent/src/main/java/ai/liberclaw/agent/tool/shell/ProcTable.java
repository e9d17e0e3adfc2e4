package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/** Linux's table of processes (proc(5)). On other systems it is not there. */
final class ProcTable {
  private static final Path PROC = Path.of("/proc");

  private ProcTable() {}

  static boolean available() {
    return Files.isReadable(PROC.resolve("self/stat"));
  }

  /** Whether the group has a process that is no zombie. */
  static boolean anyAlive(long group) {
    return !find((_, stat) -> stat.group() == group && stat.state() != 'Z').isEmpty();
  }

  /** Whether a process of the group has this text in its environment. */
  static boolean anyMarked(long group, String mark) {
    return !find((pid, stat) -> stat.group() == group && marked(pid, mark)).isEmpty();
  }

  /** Live processes with this text in their environment that are in another group. */
  static List<Long> markedOutside(long group, String mark) {
    return find((pid, stat) -> stat.group() != group && stat.state() != 'Z' && marked(pid, mark));
  }

  private record Stat(char state, long group) {}

  private static List<Long> find(BiPredicate<Long, Stat> wanted) {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        try {
          if (wanted.test(
              pid, stat(Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1)))) {
            found.add(pid);
          }
        } catch (IOException _) {
          // It ended meanwhile, or is another user's.
        }
      }
    } catch (IOException _) {
      return List.of();
    }
    return found;
  }

  private static Stat stat(String line) {
    // The command name in brackets may hold anything, brackets too.
    String[] rest = line.substring(line.lastIndexOf(')') + 2).split(" ", 4);
    return new Stat(rest[0].charAt(0), Long.parseLong(rest[2]));
  }

  private static boolean marked(long pid, String mark) {
    try {
      byte[] environment = Files.readAllBytes(PROC.resolve(pid + "/environ"));
      return new String(environment, StandardCharsets.ISO_8859_1).contains(mark);
    } catch (IOException _) {
      return false;
    }
  }
}
