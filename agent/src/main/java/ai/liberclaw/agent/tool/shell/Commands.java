package ai.liberclaw.agent.tool.shell;

import ai.liberclaw.agent.sandbox.Sandbox;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs for tools inside the sandbox. Making one ends what a killed agent left behind;
 * closing it ends everything it started.
 */
public final class Commands implements AutoCloseable {
  /** Bytes a script may have: what the kernel takes as one argument. */
  public static final int ARGUMENT_BYTES_MAX = ShellText.ARGUMENT_BYTES_MAX - 1;

  private static final File NULL_DEVICE = new File("/dev/null");
  private static final Logger LOG = System.getLogger(Commands.class.getName());

  private final Path data;
  private final Optional<String> bash;
  private final Children children;
  private final Shells shells;

  /**
   * @param data the agent's own folder, outside of the workspace
   */
  public Commands(Sandbox sandbox, Path data) {
    this.data = data;
    this.bash = sandbox.find("bash");
    this.children = new Children(sandbox, data);
    Exchanges.deleteLeftovers(data);
    removeSpools();
    this.shells = new Shells(children, data, bash);
  }

  public Sandbox sandbox() {
    return children.sandbox();
  }

  /** Bytes this script takes as an argument. */
  public static int argumentBytes(String script) {
    return ShellText.argument(script).getBytes(StandardCharsets.UTF_8).length;
  }

  /** Whether there is a shell to run scripts in. */
  public boolean hasShell() {
    return bash.isPresent();
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
   * Runs a script in the chat's own shell, which keeps its folder, variables and functions for the
   * next one. Processes that a script which ended by itself left in the background live on; of one
   * that ran out of time, nothing does.
   *
   * @throws IOException when there can be no shell
   * @throws InterruptedException nothing of the script runs on
   */
  public CommandOutcome run(String chatId, String script, Duration timeout)
      throws IOException, InterruptedException {
    return shells.run(chatId, script, timeout);
  }

  /**
   * A new folder for files that programs shall use; see {@link #run(List, String, List, Duration)}.
   */
  public Exchange exchange() throws IOException {
    return new Exchange(children.sandbox(), data);
  }

  /** Where the chat's next script starts. */
  public Path directory(String chatId) {
    return shells.directory(chatId);
  }

  /**
   * Runs a program until it exits or the time is over; then nothing of it runs on but what one that
   * exited by itself left in the background.
   *
   * @param input given to it on its standard input, which is then at its end
   * @param shared folders of exchange that it uses
   * @throws InterruptedException nothing of it runs on
   */
  public CommandOutcome run(List<String> command, String input, List<Path> shared, Duration timeout)
      throws IOException, InterruptedException {
    Output output = Output.unnamed(children.libc(), data);
    boolean handedOver = false;
    try {
      Process process =
          children.start(
              command,
              UUID.randomUUID().toString(),
              shared,
              input.isEmpty() ? Redirect.from(NULL_DEVICE) : Redirect.PIPE,
              output.outPipe().target(),
              output.errPipe().target());
      output.begin(Long.toString(process.pid()));
      CommandOutcome outcome = run(process, input, timeout, output);
      handedOver = true;
      return outcome;
    } finally {
      if (!handedOver) {
        output.close();
      }
    }
  }

  private CommandOutcome run(Process process, String input, Duration timeout, Output output)
      throws IOException, InterruptedException {
    boolean ended = false;
    try {
      output.closeWriteEnds();
      if (!input.isEmpty()) {
        give(process, input);
      }
      ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!ended) {
        children.end(process);
      }
    }
    try {
      output.finish();
    } catch (InterruptedException e) {
      children.end(process);
      throw e;
    }
    children.groups().release(process.pid());
    return new CommandOutcome(
        ended ? Optional.of(process.exitValue()) : Optional.empty(), output, List.of(), false);
  }

  private static void give(Process process, String input) {
    // A program that does not read must not hold the caller up.
    Thread.ofPlatform()
        .daemon()
        .name("tool-stdin-" + process.pid())
        .start(() -> {
          try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
          } catch (IOException _) {
            // It did not want all of it.
          }
        });
  }

  /**
   * Starts a script in a shell of its own, which runs until it ends or is ended.
   *
   * @param output gets both of its output streams
   * @throws IOException when there can be no shell
   */
  public BackgroundCommand start(String script, Sink output)
      throws IOException, InterruptedException {
    OutputPipe pipe = OutputPipe.unnamed(children.libc(), output);
    boolean started = false;
    try {
      Process process =
          children.start(
              List.of(
                  bash.orElseThrow(() -> new IOException("bash is not installed")),
                  "--norc",
                  "--noprofile",
                  "-c",
                  ShellText.argument(script)),
              UUID.randomUUID().toString(),
              List.of(),
              Redirect.from(NULL_DEVICE),
              pipe.target(),
              pipe.target());
      pipe.begin("tool-process-" + process.pid());
      pipe.closeWriteEnd();
      started = true;
      return new BackgroundCommand(process, pipe, children.groups());
    } finally {
      if (!started) {
        pipe.close();
      }
    }
  }

  @Override
  public void close() {
    shells.close();
    children.close();
  }
}
