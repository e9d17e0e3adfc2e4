package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.provider.ProviderException;
import java.util.UUID;

/** Makes an agent answer under a public name, with TLS, on the machine it lives on. */
@FunctionalInterface
public interface PublicProxy {
  /**
   * Again is no harm.
   *
   * @param shell of the machine
   * @param name that leads to the machine
   * @param port of the agent, on the machine's loopback address
   * @throws ProviderException when it could not be done
   */
  void serve(HostShell shell, UUID agentId, String name, int port) throws InterruptedException;
}
