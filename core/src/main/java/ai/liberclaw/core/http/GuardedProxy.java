package ai.liberclaw.core.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An HTTP proxy on this machine's loopback (RFC 9110, section 9.3.6 for {@code CONNECT}) for a
 * program that cannot be trusted to look at addresses itself, such as a browser. Each host is
 * looked up once, all its addresses are checked by an {@link AddressPolicy}, and the connection
 * goes to a checked one. Only who has a {@link ProxyLane} can use it.
 */
public final class GuardedProxy implements AutoCloseable {
  /** Connections at once; one more is closed. */
  public static final int CONNECTIONS_MAX = 256;

  /** The proxy answers requests to this host itself, with nothing. */
  public static final String OWN_HOST = "proxy.invalid";

  static final String REALM = "proxy";
  private static final Logger LOG = System.getLogger(GuardedProxy.class.getName());
  private static final int BACKLOG = 64;

  private final AddressPolicy policy;
  private final HostResolver resolver;
  private final ServerSocket server;
  private final Map<String, ProxyLane> lanes = new ConcurrentHashMap<>();
  private final AtomicLong lastLane = new AtomicLong();
  private final Semaphore free = new Semaphore(CONNECTIONS_MAX);

  private GuardedProxy(AddressPolicy policy, HostResolver resolver, ServerSocket server) {
    this.policy = policy;
    this.resolver = resolver;
    this.server = server;
  }

  public static GuardedProxy start(AddressPolicy policy) throws IOException {
    return start(policy, HostResolver.system());
  }

  /** Listens on a free port of 127.0.0.1. */
  public static GuardedProxy start(AddressPolicy policy, HostResolver resolver) throws IOException {
    ServerSocket server =
        new ServerSocket(0, BACKLOG, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    GuardedProxy proxy = new GuardedProxy(policy, resolver, server);
    Thread.ofVirtual().name("guarded-proxy").start(proxy::accept);
    return proxy;
  }

  public int port() {
    return server.getLocalPort();
  }

  /** New credentials. */
  public ProxyLane lane() {
    ProxyLane lane = new ProxyLane(this, "lane-" + lastLane.incrementAndGet());
    lanes.put(lane.authorization(), lane);
    return lane;
  }

  Optional<ProxyLane> lane(String authorization) {
    return Optional.ofNullable(lanes.get(authorization));
  }

  void forget(ProxyLane lane) {
    lanes.remove(lane.authorization());
  }

  /** The addresses of a host, all of which may be reached. */
  List<InetAddress> checked(WebAddress address) throws IOException {
    List<InetAddress> found =
        address.literal().isPresent()
            ? List.of(address.literal().get())
            : resolver.resolve(address.host());
    policy.check(address, found);
    return found;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (!free.tryAcquire()) {
          quietly(client);
          continue;
        }
        Thread.ofVirtual().name("guarded-proxy-connection").start(() -> serve(client));
      } catch (IOException e) {
        if (!server.isClosed()) {
          LOG.log(Level.WARNING, "proxy.accept_failed", e);
        }
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      new ProxyConnection(this, client).serve();
    } catch (IOException e) {
      // Either side went away, or was too slow: that is how connections end.
      LOG.log(Level.TRACE, "proxy.connection_ended", e);
    } finally {
      free.release();
    }
  }

  static void quietly(Closeable closed) {
    try {
      closed.close();
    } catch (IOException e) {
      LOG.log(Level.TRACE, "proxy.close_failed", e);
    }
  }

  /** Nothing is accepted any more; all connections end. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      List.copyOf(lanes.values()).forEach(ProxyLane::close);
    }
  }
}
