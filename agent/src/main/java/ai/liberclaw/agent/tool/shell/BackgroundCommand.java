package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A script that runs on while others are called. */
public final class BackgroundCommand {
  /** How long output is waited for once the shell has exited. */
  private static final Duration READER_GRACE = Duration.ofMillis(500);

  private static final Logger LOG = System.getLogger(BackgroundCommand.class.getName());

  private final Process process;
  private final OutputPipe output;
  private final ProcessGroups groups;
  private final long started;

  BackgroundCommand(Process process, OutputPipe output, ProcessGroups groups) {
    this.process = process;
    this.output = output;
    this.groups = groups;
    this.started = ProcTable.started(process.pid()).orElse(0);
  }

  /** The process group of all it starts. */
  public long group() {
    return process.pid();
  }

  /** When its first process was started, in clock ticks since the machine was; 0 when unknown. */
  public long startedTicks() {
    return started;
  }

  /** Its exit code, once it has ended and its output has been taken. */
  public CompletableFuture<Integer> ended() {
    return process.onExit().thenApplyAsync(this::finished, Thread::startVirtualThread);
  }

  private int finished(Process ended) {
    try {
      output.awaitEnd(READER_GRACE);
      output.close();
    } catch (InterruptedException | IOException e) {
      LOG.log(Level.DEBUG, "tool.output_lost reason={0}", e.toString());
    }
    groups.release(ended.pid());
    return ended.exitValue();
  }

  /** Ends it and all in its group: TERM, after the grace KILL. */
  public void end(Duration grace) {
    groups.end(process.pid(), grace);
    process.destroyForcibly();
    process.onExit().join();
    groups.end(process.pid(), grace);
  }
}
