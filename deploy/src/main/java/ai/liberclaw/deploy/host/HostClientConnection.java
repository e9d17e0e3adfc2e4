package ai.liberclaw.deploy.host;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webclient.api.ClientConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A channel as the web client's connection, for one request: bytes are passed on as they come, and
 * nobody else of this machine can connect to it.
 */
final class HostClientConnection implements ClientConnection {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final HostChannel channel;
  private final ChannelSocket socket;
  private final DataReader reader;
  private final DataWriter writer;
  private volatile Duration readTimeout;

  HostClientConnection(HostChannel channel, Duration readTimeout) {
    this.channel = channel;
    this.readTimeout = readTimeout;
    this.socket = new ChannelSocket();
    this.reader = DataReader.create(socket);
    this.writer = new ChannelWriter();
  }

  @Override
  public DataReader reader() {
    return reader;
  }

  @Override
  public DataWriter writer() {
    return writer;
  }

  @Override
  public String channelId() {
    return "ssh-" + Integer.toHexString(System.identityHashCode(channel));
  }

  @Override
  public HelidonSocket helidonSocket() {
    return socket;
  }

  @Override
  public void readTimeout(Duration limit) {
    readTimeout = limit;
  }

  @Override
  public boolean isConnected() {
    return channel.open();
  }

  /** Not kept for another request: opening one more costs a round trip. */
  @Override
  public void releaseResource() {
    channel.close();
  }

  @Override
  public void closeResource() {
    channel.close();
  }

  private void send(BufferData buffer) {
    byte[] bytes = buffer.readBytes();
    try {
      channel.write(bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class ChannelWriter implements DataWriter {
    @Override
    public void write(BufferData... buffers) {
      for (BufferData buffer : buffers) {
        send(buffer);
      }
    }

    @Override
    public void write(BufferData buffer) {
      send(buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
      write(buffers);
    }

    @Override
    public void writeNow(BufferData buffer) {
      send(buffer);
    }
  }

  private final class ChannelSocket implements HelidonSocket {
    private final byte[] buffer = new byte[BUFFER_BYTES];

    @Override
    public byte @Nullable [] get() {
      try {
        int count = channel.read(buffer, 0, buffer.length, readTimeout);
        return count < 0 ? null : Arrays.copyOf(buffer, count);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      channel.close();
    }

    @Override
    public void idle() {}

    @Override
    public boolean isConnected() {
      return channel.open();
    }

    @Override
    @SuppressWarnings("removal")
    public int read(BufferData into) {
      byte[] bytes = get();
      if (bytes == null) {
        return -1;
      }
      into.write(bytes);
      return bytes.length;
    }

    @Override
    public void write(BufferData data) {
      send(data);
    }

    @Override
    public PeerInfo remotePeer() {
      return new Peer();
    }

    @Override
    public PeerInfo localPeer() {
      return new Peer();
    }

    @Override
    public boolean isSecure() {
      return true;
    }

    @Override
    public String socketId() {
      return channelId();
    }

    @Override
    public String childSocketId() {
      return "0";
    }
  }

  private record Peer() implements PeerInfo {
    @Override
    public SocketAddress address() {
      return InetSocketAddress.createUnresolved("localhost", 0);
    }

    @Override
    public String host() {
      return "localhost";
    }

    @Override
    public int port() {
      return 0;
    }

    @Override
    public Optional<Principal> tlsPrincipal() {
      return Optional.empty();
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
      return Optional.empty();
    }
  }
}
