package ai.liberclaw.agent.tool.shell;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs shell commands, each in a session and process group of its own. Making one ends what a
 * killed agent left behind; closing it ends everything it started.
 */
public final class Commands implements AutoCloseable {
  /** How the commands of tools are kept from the rest of the machine, as {@code /health} says. */
  public static final String SANDBOX = "weak";

  /** Bytes a script may have: what the kernel takes as one argument. */
  public static final int ARGUMENT_BYTES_MAX = ShellText.ARGUMENT_BYTES_MAX - 1;

  /** Bytes kept of one command's standard output, and of its standard error. */
  static final long OUTPUT_BYTES_MAX = 48L << 20;

  static final long ERROR_BYTES_MAX = 16L << 20;
  private static final Duration READERS_GRACE = Duration.ofMillis(500);
  private static final String MARK = "LIBERCLAW_TOOL_CALL";
  private static final File NULL_DEVICE = new File("/dev/null");
  private static final Logger LOG = System.getLogger(Commands.class.getName());

  private final Path directory;
  private final Path data;
  private final Map<String, String> environment;
  private final List<String> launcher;
  private final String shell;
  private final Libc libc = new Libc();
  private final ProcessGroups groups;

  /**
   * @param directory where commands start
   * @param data the agent's own folder, outside of the workspace
   * @param environment all that commands find in theirs
   */
  public Commands(Path directory, Path data, Map<String, String> environment) {
    this.directory = directory;
    this.data = data;
    this.environment = Map.copyOf(environment);
    this.groups = new ProcessGroups(data.resolve("tool-groups"), libc);
    String path = environment.getOrDefault("PATH", "");
    this.shell = program(path, "bash").or(() -> program(path, "sh")).orElse("/bin/sh");
    this.launcher = launcher(path);
    groups.endAll();
    removeSpools();
  }

  /** Bytes this script takes as an argument. */
  public static int argumentBytes(String script) {
    return ShellText.argument(script).getBytes(StandardCharsets.UTF_8).length;
  }

  /** Both replace themselves by the shell, so the child's id is that of its session and group. */
  private static List<String> launcher(String path) {
    return program(path, "setsid")
        .map(List::of)
        .or(() ->
            program(path, "perl")
                .map(p -> List.of(p, "-e", "use POSIX; POSIX::setsid(); exec @ARGV", "--")))
        .orElse(List.of());
  }

  private static Optional<String> program(String path, String name) {
    return Stream.of(path.split(File.pathSeparator))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  private void removeSpools() {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(data, "output-*" + Spool.SUFFIX)) {
      for (Path spool : left) {
        Files.deleteIfExists(spool);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "tool.spools_stay reason={0}", e.toString());
    }
  }

  /**
   * Runs a script until its shell exits or the time is over; then nothing of it runs on. Processes
   * that a script which ended by itself left in the background live on.
   *
   * @throws InterruptedException the whole group has been ended
   */
  public CommandOutcome run(String script, Duration timeout)
      throws IOException, InterruptedException {
    if (launcher.isEmpty()) {
      throw new IOException("setsid is not installed on this machine");
    }
    String mark = UUID.randomUUID().toString();
    OutputPipe out = new OutputPipe(libc, new Spool(data, OUTPUT_BYTES_MAX));
    OutputPipe err = null;
    boolean handedOver = false;
    try {
      err = new OutputPipe(libc, new Spool(data, ERROR_BYTES_MAX));
      CommandOutcome outcome = run(start(script, mark, out, err), mark, timeout, out, err);
      handedOver = true;
      return outcome;
    } finally {
      if (!handedOver) {
        out.close();
        if (err != null) {
          err.close();
        }
      }
    }
  }

  /** A program ready to be started where commands start, with their environment. */
  public ProcessBuilder child(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  private Process start(String script, String mark, OutputPipe out, OutputPipe err)
      throws IOException {
    List<String> line = new ArrayList<>(launcher);
    line.addAll(List.of(shell, "-c", ShellText.argument(script)));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(directory.toFile())
            .redirectInput(NULL_DEVICE)
            .redirectOutput(out.target())
            .redirectError(err.target());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put(MARK, mark);
    Process process = builder.start();
    out.begin("tool-stdout-" + process.pid());
    err.begin("tool-stderr-" + process.pid());
    return process;
  }

  private CommandOutcome run(
      Process process, String mark, Duration timeout, OutputPipe out, OutputPipe err)
      throws IOException, InterruptedException {
    long group = process.pid();
    boolean ended = false;
    try {
      groups.record(group, mark);
      ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!ended) {
        end(process);
      }
    }
    long deadline = System.nanoTime() + READERS_GRACE.toNanos();
    try {
      for (OutputPipe pipe : List.of(out, err)) {
        pipe.awaitEnd(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        pipe.stopCollecting();
      }
    } catch (InterruptedException e) {
      groups.end(group);
      throw e;
    }
    groups.release(group);
    List<Long> strays =
        ended || !ProcTable.available() ? List.of() : ProcTable.markedOutside(group, mark);
    return new CommandOutcome(
        ended ? Optional.of(process.exitValue()) : Optional.empty(), out, err, strays);
  }

  private void end(Process process) {
    groups.end(process.pid());
    // Before setsid has run, the child is no group yet; it must not become one behind our back.
    process.destroyForcibly();
    process.onExit().join();
    groups.end(process.pid());
  }

  @Override
  public void close() {
    groups.endAll();
  }
}
