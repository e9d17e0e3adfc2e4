package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.sshd.client.channel.ChannelDirectTcpip;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.future.CancelOption;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.jspecify.annotations.Nullable;

/** The connection of one login, opened anew when it broke. */
final class SshConnection implements HostShell {
  /** How long a script may leave what it is sent unread. */
  static final Duration INPUT_STALL_MAX = Duration.ofMinutes(5);

  private static final Logger LOG = System.getLogger(SshConnection.class.getName());
  private static final String LOOPBACK = "127.0.0.1";

  /** Opens a session; see {@link SshConnections}. */
  @FunctionalInterface
  interface Opener {
    ClientSession open(SshLogin login) throws InterruptedException;
  }

  private final SshLogin login;
  private final Opener opener;
  private final SshConnections.Settings settings;
  private final ReentrantLock opening = new ReentrantLock();
  private final AtomicInteger inUse = new AtomicInteger();
  private volatile @Nullable ClientSession current;
  private volatile long usedAt = System.nanoTime();

  SshConnection(SshLogin login, Opener opener, SshConnections.Settings settings) {
    this.login = login;
    this.opener = opener;
    this.settings = settings;
  }

  @Override
  public Result run(String script, Input input, Duration limit) throws InterruptedException {
    inUse.incrementAndGet();
    try {
      return new SshScript(session(), login, script, input, limit).run();
    } finally {
      usedAt = System.nanoTime();
      inUse.decrementAndGet();
    }
  }

  @Override
  public HostChannel connect(int port, Duration limit) throws IOException, InterruptedException {
    ClientSession session = session();
    ChannelDirectTcpip channel =
        session.createDirectTcpipChannel(
            new SshdSocketAddress(LOOPBACK, 0), new SshdSocketAddress(LOOPBACK, port));
    inUse.incrementAndGet();
    channel.addCloseFutureListener(_ -> {
      usedAt = System.nanoTime();
      inUse.decrementAndGet();
    });
    boolean open = false;
    try {
      channel
          .open()
          .verify(
              limit.toMillis(), CancelOption.CANCEL_ON_TIMEOUT, CancelOption.CANCEL_ON_INTERRUPT);
      open = true;
      return new SshChannel(channel);
    } catch (InterruptedIOException _) {
      throw new InterruptedException();
    } catch (SshException e) {
      throw session.isOpen() ? new java.net.ConnectException("nobody listens there") : e;
    } finally {
      if (!open) {
        channel.close(true);
      }
    }
  }

  @Override
  public boolean rootless() {
    return login.rootless();
  }

  /** The open session; opens one when there is none, which only one caller does. */
  private ClientSession session() throws InterruptedException {
    ClientSession session = current;
    if (session != null && session.isOpen()) {
      return session;
    }
    long limit = settings.connect().multipliedBy(2).toMillis();
    if (!opening.tryLock(limit, TimeUnit.MILLISECONDS)) {
      throw SshConnections.unreachable(null);
    }
    try {
      session = current;
      if (session == null || !session.isOpen()) {
        session = opener.open(login);
        current = session;
        usedAt = System.nanoTime();
      }
      return session;
    } finally {
      opening.unlock();
    }
  }

  void closeIfIdle() {
    if (inUse.get() == 0 && System.nanoTime() - usedAt > settings.idle().toNanos()) {
      close();
    }
  }

  void close() {
    ClientSession session = current;
    if (session != null) {
      session.close(true);
      LOG.log(Level.DEBUG, "ssh.closed host=" + login);
    }
  }

  static ProviderException lost(@Nullable Throwable cause) {
    return new ProviderException("host_lost", "The connection to the machine broke.", true, cause);
  }
}
