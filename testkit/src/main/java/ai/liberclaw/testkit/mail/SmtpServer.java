package ai.liberclaw.testkit.mail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * A mail server on a loopback port that keeps what it gets. It speaks SMTP with STARTTLS (RFC 3207)
 * and AUTH (RFC 4954) as far as a client that hands in mail needs it.
 */
public final class SmtpServer implements AutoCloseable {
  private final ServerSocket listener;
  private final Optional<SSLContext> tls;
  private final Optional<Login> login;
  private final List<ReceivedMail> mails = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<SmtpFault> faults = new ConcurrentLinkedQueue<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  /** Who may hand in mail. */
  public record Login(String user, String password) {}

  /**
   * Listens at once.
   *
   * @param tls offers STARTTLS when there
   * @param login asked for when there
   */
  public SmtpServer(Optional<SSLContext> tls, Optional<Login> login) throws IOException {
    this.tls = tls;
    this.login = login;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("smtp-simulator").start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Mails in the order they came. */
  public List<ReceivedMail> mails() {
    return List.copyOf(mails);
  }

  /** Connections so far. */
  public int connections() {
    return connections.get();
  }

  /** Goes wrong the next time its command comes. */
  public SmtpServer fault(SmtpFault fault) {
    faults.add(fault);
    return this;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  Optional<SSLContext> tls() {
    return tls;
  }

  /** Who may hand in mail. */
  public Optional<Login> login() {
    return login;
  }

  void received(ReceivedMail mail) {
    mails.add(mail);
  }

  /** Takes the first fault of this command. */
  Optional<SmtpFault> fault(String command) {
    Iterator<SmtpFault> all = faults.iterator();
    while (all.hasNext()) {
      SmtpFault fault = all.next();
      if (fault.command().equals(command) && faults.remove(fault)) {
        return Optional.of(fault);
      }
    }
    return Optional.empty();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        connections.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().name("smtp-conversation").start(() -> talk(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void talk(Socket socket) {
    try (socket) {
      new SmtpConversation(this, socket).run();
    } catch (IOException _) {
      // The client went away, or did not trust us.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }
}
