package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Release;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The agents of one host: what is made for them, and their life. Every call may be repeated and
 * finds what the first one made; two for one agent wait for each other on the host. Nothing is
 * touched that does not carry this installation's id.
 *
 * <p>All of them throw {@link ProviderException} when the host could not be reached or could not do
 * it.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class HostAgents {
  /**
   * Where an agent is on its host.
   *
   * @param port on the host's loopback address, its own
   */
  public record Place(UUID agentId, UUID instanceId, int port) {}

  /**
   * What an agent is to be.
   *
   * @param release id of one that is installed there, or will be
   * @param variables for its configuration file; where it listens and keeps its files is added
   * @param skills text by id; exactly these are in its workspace, but for edited ones
   */
  public record Config(String release, Map<String, String> variables, Map<String, String> skills) {
    public Config {
      variables = Map.copyOf(variables);
      skills = Map.copyOf(skills);
    }

    @Override
    public String toString() {
      return "Config[release=" + release + ", skills=" + skills.keySet() + "]";
    }
  }

  /** Something of ours found on the host. */
  public record Marked(
      UUID agentId, Optional<UUID> instanceId, int port, Optional<Instant> createdAt) {}

  public HostAgents(HostShell shell, UUID installation) {}

  /** Looks at the host; makes nothing. */
  public HostFacts facts() throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * Puts a release on the host. Its archive is checked there before it is unpacked, each file
   * before the release can be used; one that is there and whole is left.
   *
   * @param limit for sending it, and for checking
   */
  public void install(Release release, Duration limit) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes the agent's user, directories and marker.
   *
   * @return where it is, with the port it was given the first time
   */
  public Place prepare(UUID agentId, UUID instanceId) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes configuration and skills beside those in use; the agent stays as it is.
   *
   * @return ids of skills left as they are because somebody edited them
   */
  public List<String> configure(Place place, Config config) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * Ends the agent and starts it with what was configured last. What it ran with before, and a copy
   * of its database, are kept aside.
   */
  public void start(Place place) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Whether the agent is up, or being brought up. */
  public boolean started(Place place) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Asks the agent itself. */
  public Health health(Place place, Duration limit) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Drops what an update kept aside. */
  public void settle(Place place) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * Goes back to what an update kept aside, and starts it.
   *
   * @return false when nothing is kept
   */
  public boolean revert(Place place) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Ends the agent; its data stay. */
  public void stop(Place place) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Ends the agent and wipes all that was made for this instance of it. */
  public void destroy(UUID agentId, UUID instanceId) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** The newest lines the agent wrote, oldest first. */
  public String logs(Place place, int lines) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** All agents of this installation on the host. */
  public List<Marked> inventory() throws InterruptedException {
    throw new UnsupportedOperationException();
  }
}
