package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.future.CancelOption;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

/**
 * SSH connections to hosts: one for each login, which all that is done there shares, opened when it
 * is needed and closed when it is idle.
 */
public final class SshConnections implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SshConnections.class.getName());
  private static final Duration TEND = Duration.ofSeconds(10);
  private static final int UNANSWERED_MAX = 3;
  private static final AttributeKey<Contact> CONTACT = new AttributeKey<>();

  /** Fast where the processor helps; OpenSSH has had all of them for ten years. */
  private static final List<NamedFactory<Cipher>> CIPHERS =
      List.of(
          BuiltinCiphers.aes256gcm,
          BuiltinCiphers.aes128gcm,
          BuiltinCiphers.cc20p1305_openssh,
          BuiltinCiphers.aes256ctr);

  /** Ed25519 first, so that a host with several keys always shows the same one. */
  private static final List<NamedFactory<Signature>> SIGNATURES =
      List.of(
          BuiltinSignatures.ed25519,
          BuiltinSignatures.nistp256,
          BuiltinSignatures.nistp384,
          BuiltinSignatures.nistp521,
          BuiltinSignatures.rsaSHA512,
          BuiltinSignatures.rsaSHA256);

  /**
   * Limits.
   *
   * @param connect for a connection, the keys' exchange and the login together
   * @param idle after which an unused connection is closed
   * @param alive how often a host is asked whether it is there; three silent times end it
   */
  public record Settings(Duration connect, Duration idle, Duration alive) {
    public static Settings usual() {
      return new Settings(Duration.ofSeconds(15), Duration.ofMinutes(5), Duration.ofSeconds(15));
    }
  }

  /** What is expected of a host during its key exchange, and what it showed. */
  private static final class Contact {
    final Optional<HostKey> pinned;
    volatile @Nullable HostKey shown;

    Contact(Optional<HostKey> pinned) {
      this.pinned = pinned;
    }

    boolean accept(PublicKey key) {
      shown = HostKey.of(key);
      return pinned.filter(expected -> expected.is(key)).isPresent();
    }

    boolean anotherShown() {
      HostKey seen = shown;
      return seen != null && pinned.filter(seen::equals).isEmpty();
    }
  }

  private final Settings settings;
  private final ReentrantLock starting = new ReentrantLock();
  private @Nullable SshClient client;
  private final Map<SshLogin, SshConnection> connections = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread tending;

  public SshConnections(Settings settings) {
    this.settings = settings;
    this.tending = Thread.ofVirtual().name("ssh-connections").start(this::tend);
  }

  /**
   * Asks a host for its key, to be confirmed by somebody; nothing else is sent to it.
   *
   * @throws ProviderException {@code host_unreachable} when it shows none in time
   */
  public HostKey scan(String address, int port, Duration limit) throws InterruptedException {
    Contact contact = new Contact(Optional.empty());
    try (ClientSession session = connect("nobody", address, port, contact, limit)) {
      session.waitFor(
          java.util.EnumSet.of(
              ClientSession.ClientSessionEvent.CLOSED, ClientSession.ClientSessionEvent.WAIT_AUTH),
          limit);
    } catch (IOException _) {
      // It always ends so: its key is not accepted.
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    HostKey shown = contact.shown;
    if (shown == null) {
      throw unreachable(null);
    }
    return shown;
  }

  /** The shell of a host; connects when it is used. */
  public HostShell shell(SshLogin login) {
    return connections.computeIfAbsent(login, l -> new SshConnection(l, this::login, settings));
  }

  /** Closes the connection of a login, if there is one. */
  public void forget(SshLogin login) {
    SshConnection connection = connections.remove(login);
    if (connection != null) {
      connection.close();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    tending.interrupt();
    connections.values().forEach(SshConnection::close);
    connections.clear();
    starting.lock();
    try {
      if (client != null) {
        client.stop();
      }
    } finally {
      starting.unlock();
    }
  }

  /** Started with the first connection: a server without hosts needs none of it. */
  private SshClient client() {
    starting.lock();
    try {
      SshClient started = client;
      if (started == null) {
        started = client(settings);
        started.start();
        client = started;
      }
      return started;
    } finally {
      starting.unlock();
    }
  }

  private void tend() {
    try {
      while (!closing.await(TEND.toMillis(), TimeUnit.MILLISECONDS)) {
        connections.values().forEach(SshConnection::closeIfIdle);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Connects, checks the host's key, and logs in. */
  private ClientSession login(SshLogin login) throws InterruptedException {
    Contact contact = new Contact(Optional.of(login.hostKey()));
    ClientSession session = null;
    boolean done = false;
    try {
      session = connect(login.user(), login.address(), login.port(), contact, settings.connect());
      session.addPublicKeyIdentity(login.key().pair());
      session
          .auth()
          .verify(
              settings.connect().toMillis(),
              CancelOption.CANCEL_ON_TIMEOUT,
              CancelOption.CANCEL_ON_INTERRUPT);
      done = true;
      LOG.log(Level.DEBUG, "ssh.connected host=" + login);
      return session;
    } catch (IOException e) {
      if (Thread.interrupted() || e instanceof java.io.InterruptedIOException) {
        throw new InterruptedException();
      }
      LOG.log(Level.DEBUG, "ssh.failed host=" + login, e);
      if (contact.anotherShown()) {
        LOG.log(
            Level.WARNING,
            "ssh.host_key_changed host=%s pinned=%s shown=%s"
                .formatted(login, login.hostKey(), contact.shown));
        throw new ProviderException(
            "host_key_changed",
            "The machine shows another host key than the one that was confirmed.",
            false,
            e);
      }
      if (contact.shown != null && session != null && refused(e)) {
        throw new ProviderException("login_refused", "The machine refused the login.", false, e);
      }
      throw unreachable(e);
    } finally {
      if (!done && session != null) {
        session.close(true);
      }
    }
  }

  private ClientSession connect(
      String user, String address, int port, Contact contact, Duration limit) throws IOException {
    return client()
        .connect(user, address, port, AttributeRepository.ofKeyValuePair(CONTACT, contact), null)
        .verify(limit.toMillis(), CancelOption.CANCEL_ON_TIMEOUT, CancelOption.CANCEL_ON_INTERRUPT)
        .getSession();
  }

  private static boolean refused(IOException e) {
    return String.valueOf(e.getMessage()).contains("authentication methods");
  }

  static ProviderException unreachable(@Nullable Throwable cause) {
    return new ProviderException(
        "host_unreachable", "The machine could not be reached over SSH.", true, cause);
  }

  private static SshClient client(Settings settings) {
    SshClient client = SshClient.setUpDefaultClient();
    // Nothing of this machine's user: neither ~/.ssh/config nor their keys, agent or known hosts.
    client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
    client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
    client.setAgentFactory(null);
    client.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
    client.setServerKeyVerifier(verifier());
    client.setCipherFactories(CIPHERS);
    client.setSignatureFactories(SIGNATURES);
    CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
    CoreModuleProperties.NIO2_READ_TIMEOUT.set(client, Duration.ZERO);
    CoreModuleProperties.AUTH_TIMEOUT.set(client, settings.connect());
    CoreModuleProperties.HEARTBEAT_REQUEST.set(client, "keepalive@openssh.com");
    CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, settings.alive());
    CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, UNANSWERED_MAX);
    CoreModuleProperties.WAIT_FOR_SPACE_TIMEOUT.set(client, SshConnection.INPUT_STALL_MAX);
    return client;
  }

  private static ServerKeyVerifier verifier() {
    return (session, _, key) -> {
      AttributeRepository context = session.getConnectionContext();
      Contact contact = context == null ? null : context.getAttribute(CONTACT);
      return contact != null && contact.accept(key);
    };
  }
}
