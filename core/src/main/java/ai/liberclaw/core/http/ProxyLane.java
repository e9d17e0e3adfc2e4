package ai.liberclaw.core.http;

import ai.liberclaw.core.secret.Secrets;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** One user of a {@link GuardedProxy}, who has credentials and connections of their own. */
public final class ProxyLane implements AutoCloseable {
  private static final int PASSWORD_BYTES = 32;

  private final GuardedProxy proxy;
  private final String user;
  private final String password = Secrets.token(PASSWORD_BYTES);
  private final AtomicBoolean refused = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  ProxyLane(GuardedProxy proxy, String user) {
    this.proxy = proxy;
    this.user = user;
  }

  public String user() {
    return user;
  }

  /** Random, for this lane alone. */
  public String password() {
    return password;
  }

  /** Whether an address was blocked since this was asked last. */
  public boolean takeRefused() {
    return refused.getAndSet(false);
  }

  /** As the {@code Proxy-Authorization} header has it (RFC 7617). */
  String authorization() {
    String pair = user + ":" + password;
    return "Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.ISO_8859_1));
  }

  void refuse() {
    refused.set(true);
  }

  void opened(Socket socket) throws IOException {
    sockets.add(socket);
    if (closed.get()) {
      closed(socket);
      throw new IOException("the lane is closed");
    }
  }

  void closed(Socket socket) {
    sockets.remove(socket);
    GuardedProxy.quietly(socket);
  }

  /** Its credentials are void, its connections end. */
  @Override
  public void close() {
    closed.set(true);
    proxy.forget(this);
    sockets.forEach(this::closed);
  }
}
