package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * Runs scripts on a host. Each has a deadline, at which all it started is ended there too; what it
 * prints is bounded. Blocks, may be interrupted, and is safe for any number of threads.
 */
public interface HostShell {
  /** Bytes kept of a script's standard output; what follows is read and dropped. */
  int OUT_BYTES_MAX = 1024 * 1024;

  /** Bytes kept of a script's standard error. */
  int ERR_BYTES_MAX = 64 * 1024;

  /**
   * What came of a script.
   *
   * @param exit its exit status
   * @param truncated whether it printed more than is kept
   */
  record Result(int exit, String out, String err, boolean truncated) {}

  /** What a script reads from its standard input: the only way for a secret. */
  @FunctionalInterface
  interface Input {
    Input NONE = _ -> {};

    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Runs a script by {@code sh}, as root unless the login is rootless.
   *
   * @param script shows in the host's process list: no secret, and no text of a user
   * @param limit after which it and its children are killed
   * @throws ProviderException when the host could not be reached, or the time is over; a script
   *     that fails is a result
   */
  Result run(String script, Input input, Duration limit) throws InterruptedException;

  /** {@link #run} without input. */
  default Result run(String script, Duration limit) throws InterruptedException {
    return run(script, Input.NONE, limit);
  }

  /**
   * Connects to a port of the host's own loopback address.
   *
   * @throws IOException when nobody listens there
   */
  HostChannel connect(int port, Duration limit) throws IOException, InterruptedException;

  /** Whether agents are made below the login's home and run as that user. */
  boolean rootless();
}
