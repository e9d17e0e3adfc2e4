package ai.liberclaw.testkit.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks at all processes of this machine again and again, those of its containers included, to show
 * what was never in arguments or an environment. One that lives for less than a few milliseconds
 * may escape it. Linux only; as root it sees everybody's.
 */
public final class ProcessWatch implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final Set<String> seen = new HashSet<>();
  private final Map<String, String> current = new HashMap<>();
  private final Thread thread;
  private final String self = Long.toString(ProcessHandle.current().pid());
  private volatile boolean ended;

  private ProcessWatch() {
    // A platform thread: it waits for files, and must not wait for its turn.
    thread = Thread.ofPlatform().daemon().name("process-watch").start(this::look);
  }

  /** Begins to look. This process itself does not count. */
  public static ProcessWatch start() {
    return new ProcessWatch();
  }

  /** Arguments and environments, joined by spaces, that held a text at any time so far. */
  public List<String> mentioning(String text) {
    synchronized (seen) {
      return seen.stream().filter(one -> one.contains(text)).toList();
    }
  }

  @Override
  public void close() throws InterruptedException {
    ended = true;
    thread.join();
  }

  private void look() {
    try {
      while (!ended) {
        lookOnce();
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException | IOException _) {
      // Nobody asks any more, or /proc is gone.
    }
  }

  private void lookOnce() throws IOException {
    Set<String> living = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        String pid = entry.getFileName().toString();
        if (pid.equals(self)) {
          continue;
        }
        living.add(pid);
        String arguments = read(entry.resolve("cmdline"));
        // The environment changes only with the program, and then the arguments do too.
        if (!arguments.isEmpty() && !arguments.equals(current.put(pid, arguments))) {
          String whole = arguments + ' ' + read(entry.resolve("environ"));
          synchronized (seen) {
            seen.add(whole);
          }
        }
      }
    }
    current.keySet().retainAll(living);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
    } catch (IOException _) {
      // It ended meanwhile, or is another user's.
      return "";
    }
  }
}
