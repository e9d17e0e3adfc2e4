package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** How a command ended and what it wrote; closing it frees the output. */
public final class CommandOutcome implements AutoCloseable {
  private final Optional<Integer> exitCode;
  private final Output output;
  private final List<Long> strays;
  private final boolean shellLost;
  private final boolean newShell;

  CommandOutcome(Optional<Integer> exitCode, Output output, List<Long> strays, boolean shellLost) {
    this(exitCode, output, strays, shellLost, false);
  }

  private CommandOutcome(
      Optional<Integer> exitCode,
      Output output,
      List<Long> strays,
      boolean shellLost,
      boolean newShell) {
    this.exitCode = exitCode;
    this.output = output;
    this.strays = List.copyOf(strays);
    this.shellLost = shellLost;
    this.newShell = newShell;
  }

  /** The same of a command that ran in a new shell instead of one that is gone. */
  CommandOutcome inNewShell() {
    return new CommandOutcome(exitCode, output, strays, shellLost, true);
  }

  /** Empty when the time was over. */
  public Optional<Integer> exitCode() {
    return exitCode;
  }

  /**
   * Processes of a command that ran out of time which left its session and so were not ended, by
   * the numbers that other commands see.
   */
  public List<Long> strays() {
    return strays;
  }

  /** Whether the shell that the command ran in is gone, with its folder and variables. */
  public boolean shellLost() {
    return shellLost;
  }

  /** Whether it ran in a new shell, because the one before it was gone. */
  public boolean newShell() {
    return newShell;
  }

  /** What it wrote, from the start; can be asked for again. */
  public InputStream output() {
    return output.out().open();
  }

  /** The same of its standard error. */
  public InputStream error() {
    return output.err().open();
  }

  @Override
  public void close() throws IOException {
    output.close();
  }
}
