package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Starts, finds and ends processes of agents. Each is marked by its instance in its arguments. */
final class Children {
  private static final Logger LOG = System.getLogger(Children.class.getName());
  private static final Duration KILL_TIME_MAX = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final List<Path> SETSID =
      List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));

  private Children() {}

  /** The argument that tells whose process it is. */
  static String mark(UUID instanceId) {
    return "-Dliberclaw.instance=" + instanceId;
  }

  /**
   * Starts a process in a session of its own, where the system can, with exactly this environment.
   */
  static ProcessIdentity spawn(
      List<String> command, Map<String, String> environment, Path directory, Path log) {
    List<String> line = new ArrayList<>();
    SETSID.stream().filter(Files::isExecutable).findFirst().ifPresent(s -> line.add(s.toString()));
    line.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      long pid = builder.start().pid();
      return ProcessIdentity.of(pid)
          .orElseThrow(() ->
              new ProviderException(
                  "agent_ended", "The agent ended while it was starting.", true, null));
    } catch (IOException e) {
      throw new ProviderException(
          "start_failed", "The agent's process could not be started.", true, e);
    }
  }

  /** Processes that carry an instance's mark, recorded or not. */
  static List<ProcessIdentity> marked(UUID instanceId) {
    return with(mark(instanceId));
  }

  /** Processes that have this argument. */
  static List<ProcessIdentity> with(String mark) {
    List<ProcessIdentity> found = new ArrayList<>();
    Path proc = Path.of("/proc");
    if (!Files.isDirectory(proc.resolve("self"))) {
      ProcessHandle.allProcesses()
          .filter(p -> p.info().arguments().stream().flatMap(Arrays::stream).anyMatch(mark::equals))
          .forEach(p -> ProcessIdentity.of(p.pid()).ifPresent(found::add));
      return found;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (arguments(process).contains(mark)) {
          ProcessIdentity.of(Long.parseLong(process.getFileName().toString()))
              .ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      throw new ProviderException("scan_failed", "Processes cannot be listed.", true, e);
    }
    return found;
  }

  /** Asks a process to end, then makes it and everything it started end. */
  static void end(ProcessIdentity child, Duration grace) throws InterruptedException {
    if (!child.alive()) {
      return;
    }
    boolean leads = leadsGroup(child.pid());
    List<ProcessHandle> started = new ArrayList<>();
    ProcessHandle.of(child.pid())
        .ifPresent(handle -> {
          handle.descendants().forEach(started::add);
          handle.destroy();
        });
    boolean ended = await(child, grace);
    if (!ended) {
      LOG.log(Level.WARNING, "agent.killed pid=" + child.pid() + " after=" + grace);
    }
    if (leads) {
      killGroup(child.pid());
    } else {
      ProcessHandle.of(child.pid())
          .filter(_ -> child.alive())
          .ifPresent(ProcessHandle::destroyForcibly);
    }
    started.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    if (!await(child, KILL_TIME_MAX)) {
      throw new ProviderException("unkillable", "The agent's process does not end.", true, null);
    }
  }

  /** Polls: nobody tells of the end of a process that another server started. */
  private static boolean await(ProcessIdentity child, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (child.alive()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
    return true;
  }

  private static boolean leadsGroup(long pid) {
    try {
      String stat =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return fields[2].equals(Long.toString(pid));
    } catch (IOException _) {
      return false;
    }
  }

  private static void killGroup(long pid) throws InterruptedException {
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill -KILL -" + pid)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new ProviderException("kill_failed", "Processes cannot be ended.", true, e);
    }
  }

  private static List<String> arguments(Path process) {
    try {
      byte[] bytes = Files.readAllBytes(process.resolve("cmdline"));
      return Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\0", -1));
    } catch (IOException _) {
      // It ended meanwhile.
      return List.of();
    }
  }
}
