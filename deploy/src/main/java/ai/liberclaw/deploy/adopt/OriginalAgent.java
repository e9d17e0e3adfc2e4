package ai.liberclaw.deploy.adopt;

import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.provider.ProviderException;
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

/**
 * An agent of the original on its machine, and the steps in which ours takes its place there. The
 * original's files are copied, not moved: until ours answers, and after it does not, the original
 * can run again. Each step may be repeated after a crash.
 *
 * <p>All throw {@link ProviderException} when the machine could not be reached or could not do it.
 */
public final class OriginalAgent {
  private static final Logger LOG = System.getLogger(OriginalAgent.class.getName());
  private static final Duration SCRIPT_TIME_MAX = Duration.ofSeconds(60);

  /** Copying a large workspace takes its time; the original is down meanwhile. */
  public static final Duration COPY_TIME_MAX = Duration.ofMinutes(10);

  private static final int FOREIGN = 92;

  private final HostShell shell;
  private final UUID installation;

  /**
   * @param shell of the original's machine, as root
   * @param installation id of this installation
   */
  public OriginalAgent(HostShell shell, UUID installation) {
    this.shell = shell;
    this.installation = installation;
  }

  /** Looks for it; changes nothing. */
  public Optional<Original> look() throws InterruptedException {
    return Original.read(run("look", Map.of(), SCRIPT_TIME_MAX));
  }

  /** What it is configured with, its secret among it. */
  public OriginalSettings settings() throws InterruptedException {
    return OriginalSettings.read(run("settings", Map.of(), SCRIPT_TIME_MAX));
  }

  /**
   * Notes on the machine which instance it is from now on.
   *
   * @throws ProviderException {@code foreign_original} when it is another installation's
   */
  public void mark(UUID agentId, UUID instanceId) throws InterruptedException {
    run(
        "mark",
        Map.of(
            "AGENT", agentId.toString(),
            "INSTANCE", instanceId.toString(),
            "INSTALLATION", installation.toString()),
        SCRIPT_TIME_MAX);
  }

  /**
   * Ends it and copies its database and workspace to where ours is prepared.
   *
   * @throws ProviderException {@code disk_full} before anything was changed
   */
  public void take(Original original, UUID agentId) throws InterruptedException {
    if (original.freeBytes() < 2 * original.bytes()) {
      throw new ProviderException(
          "disk_full", "The machine has too little free disk space.", false, null);
    }
    run(
        "take",
        Map.of(
            "AGENT", agentId.toString(),
            "DATABASE", original.database(),
            "WORKSPACE", original.workspace()),
        COPY_TIME_MAX);
  }

  /**
   * Ours answers: the original does not start again, and its proxy leads to ours.
   *
   * @param port the original's
   * @param newPort ours
   */
  public void keep(UUID agentId, int port, int newPort) throws InterruptedException {
    run(
        "keep",
        Map.of(
            "AGENT", agentId.toString(),
            "PORT", Integer.toString(port),
            "NEW_PORT", Integer.toString(newPort)),
        SCRIPT_TIME_MAX);
    LOG.log(Level.INFO, "original.replaced agent=" + agentId);
  }

  /** Ours ends, and the original runs again. */
  public void giveBack(UUID agentId) throws InterruptedException {
    run("give-back", Map.of("AGENT", agentId.toString()), SCRIPT_TIME_MAX);
    LOG.log(Level.WARNING, "original.given_back agent=" + agentId);
  }

  /** Ends it; its files stay. */
  public void stop() throws InterruptedException {
    run("stop", Map.of(), SCRIPT_TIME_MAX);
  }

  /** Wipes it, if it carries this instance's mark. */
  public void wipe(UUID instanceId) throws InterruptedException {
    run(
        "wipe",
        Map.of("INSTANCE", instanceId.toString(), "INSTALLATION", installation.toString()),
        SCRIPT_TIME_MAX);
  }

  /** The newest lines it wrote. */
  public String logs(int lines) throws InterruptedException {
    return run("logs", Map.of("LINES_MAX", Integer.toString(lines)), SCRIPT_TIME_MAX);
  }

  private String run(String name, Map<String, String> variables, Duration limit)
      throws InterruptedException {
    StringBuilder script = new StringBuilder();
    // Ids, ports and checked paths: nothing that needs quoting.
    new TreeMap<>(variables)
        .forEach(
            (variable, value) -> script.append(variable).append("='").append(value).append("'\n"));
    HostShell.Result result = shell.run(script.append(text(name)).toString(), limit);
    if (result.exit() == FOREIGN) {
      throw new ProviderException(
          "foreign_original", "The agent there belongs to another installation.", false, null);
    }
    if (result.exit() != 0) {
      LOG.log(Level.WARNING, "adopt.script_failed script=" + name + " exit=" + result.exit());
      throw new ProviderException(
          "host_failed", "The machine could not do a step of the adoption.", true, null);
    }
    return result.out();
  }

  private static String text(String name) {
    try (InputStream in = OriginalAgent.class.getResourceAsStream(name + ".sh")) {
      if (in == null) {
        throw new IllegalStateException("no script " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
