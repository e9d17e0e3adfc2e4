package ai.liberclaw.core.web;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The options of a listener's sockets, which sees each socket before anybody else does, and hands
 * it to the thread that serves its connection: nothing else in the server gives it away.
 */
final class AcceptedSockets implements SocketOptions {
  /** So many are only waiting for their thread if some died before they had one. */
  private static final int WAITING_MAX = 1_000;

  private final SocketOptions options;
  private final ConcurrentMap<SocketAddress, SocketChannel> waiting = new ConcurrentHashMap<>();

  AcceptedSockets(SocketOptions options) {
    this.options = options;
  }

  /** Serves connections as the other one does, with their {@link ClientConnection}. */
  ServerConnectionSelector with(ServerConnectionSelector other) {
    return new Selector(this, other);
  }

  @Override
  public void configureSocket(SocketChannel channel) {
    options.configureSocket(channel);
    if (waiting.size() > WAITING_MAX) {
      waiting.values().removeIf(each -> !each.isOpen());
    }
    try {
      waiting.put(channel.getRemoteAddress(), channel);
    } catch (IOException _) {
      // Closed already: nobody will serve it.
    }
  }

  private void served(ConnectionContext connection) {
    SocketChannel channel = waiting.remove(connection.remotePeer().address());
    if (channel != null) {
      ClientConnection.begin(channel.socket(), connection.dataReader());
    }
  }

  private record Selector(AcceptedSockets sockets, ServerConnectionSelector other)
      implements ServerConnectionSelector {
    @Override
    public int bytesToIdentifyConnection() {
      return other.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
      return other.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
      return other.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext connection) {
      sockets.served(connection);
      return other.connection(connection);
    }
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return options.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return options.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return options.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return options.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return options.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return options.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return options.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return options.tcpNoDelay();
  }
}
