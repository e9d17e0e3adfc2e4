package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentTunnels;
import ai.liberclaw.deploy.provider.ProviderException;
import io.helidon.webclient.api.ClientConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ways to agents over this server's own SSH connections: a channel for each request, no port that
 * anybody else could use.
 */
public final class HostTunnels implements AgentTunnels {
  private static final Duration LOGIN_AGE_MAX = Duration.ofSeconds(30);
  private static final int LOGINS_MAX = 10_000;

  private final SshConnections connections;
  private final SshLogins logins;
  private final Clock clock;
  private final Map<UUID, Known> known = new ConcurrentHashMap<>();

  private record Known(SshLogin login, Instant until) {}

  public HostTunnels(SshConnections connections, SshLogins logins, Clock clock) {
    this.connections = connections;
    this.logins = logins;
    this.clock = clock;
  }

  @Override
  public ClientConnection open(AgentAddress.Tunnel tunnel, Duration limit)
      throws IOException, InterruptedException {
    try {
      HostShell shell = connections.shell(login(tunnel.via()));
      return new HostClientConnection(shell.connect(tunnel.port(), limit), limit);
    } catch (ProviderException e) {
      throw new IOException(e.text(), e);
    }
  }

  private SshLogin login(UUID via) throws IOException {
    Known recent = known.get(via);
    if (recent != null && clock.instant().isBefore(recent.until())) {
      return recent.login();
    }
    SshLogin login =
        logins.find(via).orElseThrow(() -> new ConnectException("no such machine is known"));
    if (known.size() >= LOGINS_MAX) {
      known.clear();
    }
    known.put(via, new Known(login, clock.instant().plus(LOGIN_AGE_MAX)));
    return login;
  }
}
