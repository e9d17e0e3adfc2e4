package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** How a command ended and what it wrote; closing it frees the output. */
public final class CommandOutcome implements AutoCloseable {
  private final Optional<Integer> exitCode;
  private final OutputPipe out;
  private final OutputPipe err;
  private final List<Long> strays;

  CommandOutcome(Optional<Integer> exitCode, OutputPipe out, OutputPipe err, List<Long> strays) {
    this.exitCode = exitCode;
    this.out = out;
    this.err = err;
    this.strays = List.copyOf(strays);
  }

  /** Empty when the time was over. */
  public Optional<Integer> exitCode() {
    return exitCode;
  }

  /** Processes of a command that ran out of time which left its session and so were not ended. */
  public List<Long> strays() {
    return strays;
  }

  public InputStream output() {
    return out.collected();
  }

  public InputStream error() {
    return err.collected();
  }

  @Override
  public void close() throws IOException {
    out.close();
    err.close();
  }
}
