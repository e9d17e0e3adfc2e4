package ai.liberclaw.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Linux and the JVM say about a running process. */
final class ProcessFacts {
  private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)K");

  /** USER_HZ, which is this on every Linux that runs Java. */
  private static final double TICKS_PER_SECOND = 100;

  private ProcessFacts() {}

  /** Resident memory in MB. */
  static double residentMb(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    throw new IOException("no VmRSS");
  }

  /** Resident memory of a process and its children in MB; pages they share count in each. */
  static double residentTreeMb(long pid) throws IOException {
    double sum = residentMb(pid);
    for (ProcessHandle child : children(pid)) {
      sum += residentMb(child.pid());
    }
    return sum;
  }

  /**
   * Seconds of CPU these processes and their children have used so far, ended children included.
   */
  static double cpuSeconds(long... pids) throws IOException {
    double ticks = 0;
    for (long pid : pids) {
      ticks += ticks(pid);
      for (ProcessHandle child : children(pid)) {
        ticks += ticks(child.pid());
      }
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static double ticks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // After the name, which may hold anything: user, system, and both of ended children (proc(5)).
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    double sum = 0;
    for (int i = 11; i <= 14; i++) {
      sum += Long.parseLong(fields[i]);
    }
    return sum;
  }

  private static List<ProcessHandle> children(long pid) {
    return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).toList();
  }

  static long descriptors(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.count();
    }
  }

  /** Live heap in MB: what is used right after a collection. */
  static double liveHeapMb(long pid) throws IOException, InterruptedException {
    jcmd(pid, "GC.run");
    Matcher used = HEAP_USED.matcher(jcmd(pid, "GC.heap_info"));
    double sum = 0;
    // Generations first, metaspace last.
    for (int i = 0; i < 2 && used.find(); i++) {
      sum += Long.parseLong(used.group(1)) / 1024.0;
    }
    return sum;
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(tool.toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(output);
    }
    return output;
  }
}
