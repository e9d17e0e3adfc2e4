package ai.liberclaw.deploy.host;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.apache.sshd.client.channel.ChannelDirectTcpip;
import org.apache.sshd.common.channel.ChannelPipedInputStream;

/**
 * A {@code direct-tcpip} channel. What is not read yet stays within the channel's window: a slow
 * reader holds up nobody else on the connection.
 */
final class SshChannel implements HostChannel {
  private final ChannelDirectTcpip channel;
  private final ChannelPipedInputStream in;
  private final OutputStream out;

  SshChannel(ChannelDirectTcpip channel) throws IOException {
    this.channel = channel;
    if (!(channel.getInvertedOut() instanceof ChannelPipedInputStream piped)) {
      throw new IOException("a channel without a pipe");
    }
    this.in = piped;
    this.out = channel.getInvertedIn();
  }

  @Override
  public int read(byte[] buffer, int offset, int length, Duration limit) throws IOException {
    long began = System.nanoTime();
    in.setTimeout(limit.isZero() ? 0 : Math.max(1, limit.toMillis()));
    try {
      return in.read(buffer, offset, length);
    } catch (SocketException e) {
      if (!limit.isZero() && System.nanoTime() - began >= limit.toNanos()) {
        SocketTimeoutException timeout = new SocketTimeoutException("Read timed out");
        timeout.initCause(e);
        throw timeout;
      }
      throw e;
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    out.flush();
  }

  @Override
  public boolean open() {
    return channel.isOpen() && !channel.isEofSignalled();
  }

  @Override
  public void close() {
    channel.close(true);
  }
}
