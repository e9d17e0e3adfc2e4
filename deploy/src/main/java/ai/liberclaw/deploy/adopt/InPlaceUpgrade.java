package ai.liberclaw.deploy.adopt;

import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.HostAgents.Config;
import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.host.HostFacts;
import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Release;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Puts an agent of ours in the place of one of the original, on the same machine and with its
 * database and workspace. The original's files are copied, not moved: until ours answers, and after
 * it does not, the original can run again. May be repeated after a crash.
 */
public final class InPlaceUpgrade {
  private static final Logger LOG = System.getLogger(InPlaceUpgrade.class.getName());
  private static final Duration SCRIPT_TIME_MAX = Duration.ofSeconds(60);
  private static final Duration INSTALL_TIME_MAX = Duration.ofMinutes(5);
  private static final Duration HEALTH_TIME_MAX = Duration.ofSeconds(60);
  private static final Duration PROBE = Duration.ofSeconds(2);

  /** Copying a large workspace takes its time; the original is down meanwhile. */
  private static final Duration COPY_TIME_MAX = Duration.ofMinutes(10);

  private final HostShell shell;
  private final HostAgents agents;
  private final Duration healthTimeMax;

  /**
   * @param shell of the original's machine, as root
   * @param agents on the same machine
   */
  public InPlaceUpgrade(HostShell shell, HostAgents agents) {
    this(shell, agents, HEALTH_TIME_MAX);
  }

  InPlaceUpgrade(HostShell shell, HostAgents agents, Duration healthTimeMax) {
    this.shell = shell;
    this.agents = agents;
    this.healthTimeMax = healthTimeMax;
  }

  /** Looks for an agent of the original; changes nothing. */
  public Optional<Original> look() throws InterruptedException {
    return Original.read(run("look", Map.of(), SCRIPT_TIME_MAX));
  }

  /**
   * Does it.
   *
   * @param config with the secret's hash that the original's callers use, so that none of them
   *     notices
   * @return where the agent is now
   * @throws ProviderException {@code no_original}, {@code disk_full} before anything was changed;
   *     {@code no_answer} when the original was given back
   */
  public Place upgrade(Release release, UUID agentId, UUID instanceId, Config config)
      throws InterruptedException {
    Original original =
        look()
            .orElseThrow(() ->
                new ProviderException(
                    "no_original", "There is no agent of the original there.", false, null));
    if (original.freeBytes() < 2 * original.bytes()) {
      throw new ProviderException(
          "disk_full", "The machine has too little free disk space.", false, null);
    }
    // All that takes long comes before the original is ended.
    HostFacts facts = agents.facts();
    agents.install(release, facts, INSTALL_TIME_MAX);
    Place place = agents.prepare(agentId, instanceId);
    try {
      run(
          "take",
          Map.of(
              "AGENT", agentId.toString(),
              "DATABASE", original.database(),
              "WORKSPACE", original.workspace()),
          COPY_TIME_MAX);
      agents.configure(place, config);
      agents.start(place);
      awaitHealth(place);
      run(
          "keep",
          Map.of(
              "AGENT", agentId.toString(),
              "PORT", Integer.toString(original.port()),
              "NEW_PORT", Integer.toString(place.port())),
          SCRIPT_TIME_MAX);
      LOG.log(Level.INFO, "adopt.upgraded agent=" + agentId + " release=" + release.id());
      return place;
    } catch (ProviderException e) {
      giveBack(agentId, place);
      throw e;
    }
  }

  private void giveBack(UUID agentId, Place place) throws InterruptedException {
    agents.stop(place);
    run("give-back", Map.of("AGENT", agentId.toString()), SCRIPT_TIME_MAX);
    LOG.log(Level.WARNING, "adopt.given_back agent=" + agentId);
  }

  private void awaitHealth(Place place) throws InterruptedException {
    long deadline = System.nanoTime() + healthTimeMax.toNanos();
    while (true) {
      Health health = agents.health(place, PROBE);
      if (health.answers()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new ProviderException(
            "no_answer",
            "The agent did not answer within " + healthTimeMax.toSeconds() + " seconds.",
            false,
            null);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private String run(String name, Map<String, String> variables, Duration limit)
      throws InterruptedException {
    StringBuilder script = new StringBuilder();
    // Ids, ports and checked paths: nothing that needs quoting.
    new TreeMap<>(variables)
        .forEach(
            (variable, value) -> script.append(variable).append("='").append(value).append("'\n"));
    HostShell.Result result = shell.run(script.append(text(name)).toString(), limit);
    if (result.exit() != 0) {
      LOG.log(Level.WARNING, "adopt.script_failed script=" + name + " exit=" + result.exit());
      throw new ProviderException(
          "host_failed", "The machine could not do a step of the adoption.", true, null);
    }
    return result.out();
  }

  private static String text(String name) {
    try (InputStream in = InPlaceUpgrade.class.getResourceAsStream(name + ".sh")) {
      if (in == null) {
        throw new IllegalStateException("no script " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
