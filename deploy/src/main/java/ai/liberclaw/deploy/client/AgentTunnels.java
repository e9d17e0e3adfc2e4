package ai.liberclaw.deploy.client;

import io.helidon.webclient.api.ClientConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;

/** Opens ways to agents that listen on another machine's loopback address. */
public interface AgentTunnels {
  /** For servers without such agents. */
  AgentTunnels NONE =
      (_, _) -> {
        throw new ConnectException("this server knows no such machine");
      };

  /**
   * Opens a connection for one request, closed with it.
   *
   * @throws IOException when the machine or the agent could not be reached
   */
  ClientConnection open(AgentAddress.Tunnel tunnel, Duration limit)
      throws IOException, InterruptedException;
}
