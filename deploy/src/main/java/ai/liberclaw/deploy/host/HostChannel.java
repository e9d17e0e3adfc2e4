package ai.liberclaw.deploy.host;

import java.io.IOException;
import java.time.Duration;

/** Two streams of bytes to and from a port of a host. */
public interface HostChannel extends AutoCloseable {
  /**
   * Reads what has arrived.
   *
   * @param limit zero waits until the thread is interrupted
   * @return how many bytes, at least one; -1 at the end
   * @throws java.net.SocketTimeoutException when nothing came in time; only closing is left then
   */
  int read(byte[] buffer, int offset, int length, Duration limit) throws IOException;

  /** Writes all of it; the connection has a limit for how long nobody takes it. */
  void write(byte[] bytes, int offset, int length) throws IOException;

  boolean open();

  @Override
  void close();
}
