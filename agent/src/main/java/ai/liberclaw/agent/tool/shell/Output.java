package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Both output streams of one command, bounded. */
final class Output implements AutoCloseable {
  /** Bytes kept of one command's standard output, and of its standard error. */
  private static final long OUTPUT_BYTES_MAX = 48L << 20;

  private static final long ERROR_BYTES_MAX = 16L << 20;

  /** How long output is waited for that processes in the background may still write. */
  private static final Duration READERS_GRACE = Duration.ofMillis(500);

  private final Spool out;
  private final Spool err;
  private final OutputPipe outPipe;
  private final OutputPipe errPipe;

  @FunctionalInterface
  private interface Opening {
    OutputPipe open(String stream, Sink sink) throws IOException;
  }

  private Output(Path data, Opening opening) throws IOException {
    out = new Spool(data, OUTPUT_BYTES_MAX);
    err = new Spool(data, ERROR_BYTES_MAX);
    outPipe = opening.open("out", out);
    try {
      errPipe = opening.open("err", err);
    } catch (IOException e) {
      outPipe.close();
      throw e;
    }
  }

  /** For a child that is about to be started. */
  static Output unnamed(Libc libc, Path data) throws IOException {
    return new Output(data, (_, sink) -> OutputPipe.unnamed(libc, sink));
  }

  /** Through the pipes {@code <name>.out} and {@code <name>.err} of a folder. */
  static Output named(Path folder, String name, Path data) throws IOException {
    return new Output(
        data, (stream, sink) -> OutputPipe.named(folder.resolve(name + "." + stream), sink));
  }

  OutputPipe outPipe() {
    return outPipe;
  }

  OutputPipe errPipe() {
    return errPipe;
  }

  Spool out() {
    return out;
  }

  Spool err() {
    return err;
  }

  void begin(String name) {
    outPipe.begin("tool-stdout-" + name);
    errPipe.begin("tool-stderr-" + name);
  }

  void closeWriteEnds() throws IOException {
    outPipe.closeWriteEnd();
    errPipe.closeWriteEnd();
  }

  /** After the command has ended: takes what is on its way, and drops what comes later. */
  void finish() throws IOException, InterruptedException {
    closeWriteEnds();
    long deadline = System.nanoTime() + READERS_GRACE.toNanos();
    for (OutputPipe pipe : List.of(outPipe, errPipe)) {
      pipe.awaitEnd(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      pipe.stopCollecting();
    }
  }

  @Override
  public void close() throws IOException {
    try (out;
        err;
        outPipe) {
      errPipe.close();
    }
  }
}
