package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiPredicate;

/** Linux's table of processes (proc(5)). On other systems it is not there. */
final class ProcTable {
  private static final Path PROC = Path.of("/proc");
  private static final int TICKS_PER_SECOND = 100;

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

  /**
   * One process.
   *
   * @param started in clock ticks since the machine started
   */
  record Entry(long pid, long parent, long group, long started) {}

  /** The live processes of a session. */
  static List<Entry> session(long session) {
    List<Entry> found = new ArrayList<>();
    find((pid, stat) -> {
      if (stat.session() == session && stat.state() != 'Z') {
        found.add(new Entry(pid, stat.parent(), stat.group(), stat.started()));
      }
      return false;
    });
    return found;
  }

  /** When a process was started, in clock ticks; empty when it is not there. */
  static OptionalLong started(long pid) {
    try {
      return OptionalLong.of(
          stat(Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1))
              .started());
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }

  /** Now, in the ticks that processes' starts are counted in: USER_HZ, always 100. */
  static long now() throws IOException {
    String seconds = Files.readString(PROC.resolve("uptime")).split(" ", 2)[0];
    return Math.round(Double.parseDouble(seconds) * TICKS_PER_SECOND);
  }

  /** The number that a process has in the innermost of its process tables; its own when unknown. */
  static long innerPid(long pid) {
    try {
      return Files.readAllLines(PROC.resolve(pid + "/status"), StandardCharsets.ISO_8859_1).stream()
          .filter(line -> line.startsWith("NSpid:"))
          .map(line -> Long.parseLong(line.substring(line.lastIndexOf('\t') + 1).strip()))
          .findFirst()
          .orElse(pid);
    } catch (IOException | NumberFormatException _) {
      return pid;
    }
  }

  /** Whether a process of the group leads no other session and is this user's. */
  static boolean anyOf(int user, long group) {
    return !find(
            (pid, stat) -> stat.group() == group && stat.session() == group && owner(pid) == user)
        .isEmpty();
  }

  private static int owner(long pid) {
    try {
      return (int) Files.getAttribute(PROC.resolve(Long.toString(pid)), "unix:uid");
    } catch (IOException _) {
      return -1;
    }
  }

  private record Stat(char state, long parent, long group, long session, long started) {}

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
    String[] rest = line.substring(line.lastIndexOf(')') + 2).split(" ", 21);
    return new Stat(
        rest[0].charAt(0),
        Long.parseLong(rest[1]),
        Long.parseLong(rest[2]),
        Long.parseLong(rest[3]),
        Long.parseLong(rest[19]));
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
