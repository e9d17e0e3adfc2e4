package ai.liberclaw.agent.tool.shell;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program that runs until it is ended. Its streams are plain pipes: reading and writing them
 * blocks the thread, also a virtual one's carrier, and whoever has them must keep reading.
 */
public final class ChildServer {
  private final Process process;
  private final ProcessGroups groups;
  private final Duration termGrace;

  ChildServer(Process process, ProcessGroups groups, Duration termGrace) {
    this.process = process;
    this.groups = groups;
    this.termGrace = termGrace;
  }

  /** Its process id, which is its group's too. */
  public long pid() {
    return process.pid();
  }

  public OutputStream input() {
    return process.getOutputStream();
  }

  public InputStream output() {
    return process.getInputStream();
  }

  public InputStream error() {
    return process.getErrorStream();
  }

  /** Its exit status; empty when it still runs after this time. Does not heed interrupts. */
  public Optional<Integer> exitCode(Duration atMost) {
    Process ended =
        process
            .onExit()
            .completeOnTimeout(process, atMost.toMillis(), TimeUnit.MILLISECONDS)
            .join();
    return ended.isAlive() ? Optional.empty() : Optional.of(ended.exitValue());
  }

  /** Calls this once on a virtual thread when the program has ended. */
  public void onExit(Runnable listener) {
    CompletableFuture<Void> _ =
        process.onExit().thenRunAsync(listener, task -> Thread.ofVirtual().start(task));
  }

  /**
   * Ends it and all processes of its group: TERM, after five seconds KILL. Does not heed
   * interrupts.
   */
  public void end() {
    groups.end(process.pid(), termGrace);
    // Before setsid has run, the child is no group yet; it must not become one behind our back.
    // Of the process itself: its streams stay as they are, whoever is blocked in one.
    process.toHandle().destroyForcibly();
    process.onExit().join();
    groups.end(process.pid());
  }
}
