package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.HealthProbe;
import ai.liberclaw.deploy.provider.MachineLock;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/**
 * Agents as child processes. Whatever makes or ends a process holds the machine's lock of its agent
 * and asks the fence inside it; a process is found again by its recorded identity or, when a crash
 * came between its start and its record, by the mark in its arguments. So there is never a second.
 */
public final class ProcessProvider implements Provider {
  public static final String NAME = "process";

  /** Time an agent has to end its turns before it is killed. */
  static final Duration STOP_GRACE = Duration.ofSeconds(10);

  private static final Logger LOG = System.getLogger(ProcessProvider.class.getName());
  private static final Duration LOCK_TIME_MAX = Duration.ofSeconds(20);
  private static final Duration PROBE_TIME_MAX = Duration.ofSeconds(2);

  /**
   * What the provider needs to know.
   *
   * @param dataDir where agents' directories are made, under {@code agents/}
   * @param installation id of this installation; other installations' directories are not touched
   * @param ownerKey the model key an owner brought, asked at each start of an agent of theirs
   * @param skillText text of a skill by its id
   * @param environment the server's own, of which a child gets {@code PATH}
   */
  public record Settings(
      Path dataDir,
      UUID installation,
      AgentRelease release,
      ModelAccess models,
      Function<UUID, Optional<String>> ownerKey,
      Function<String, Optional<String>> skillText,
      Map<String, String> environment) {
    public Settings {
      dataDir = dataDir.toAbsolutePath().normalize();
      environment = Map.copyOf(environment);
    }

    @Override
    public String toString() {
      return "Settings[dataDir=" + dataDir + ", release=" + release + "]";
    }
  }

  private final Settings settings;
  private final Machine here;
  private final MachineLock locks;

  public ProcessProvider(Settings settings) {
    this.settings = settings;
    this.here = Machine.read(settings.dataDir());
    this.locks = new MachineLock(agents().resolve(".locks"));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    return settings.release().present()
        ? Optional.empty()
        : Optional.of("no agent release at " + settings.release().jar());
  }

  @Override
  public Set<StepKey> idleSteps() {
    return EnumSet.of(StepKey.ALLOCATION, StepKey.SSH);
  }

  @Override
  public void provision(Order order) throws InterruptedException {
    try (MachineLock.Held _ = lock(order)) {
      order.check();
      directory(order.agentId()).create();
      if (Placement.of(order.handle()).isEmpty()) {
        order.record(
            new Placement(here.id(), here.boot(), freePort(), Optional.empty(), Optional.empty())
                .json());
      }
    } catch (IOException e) {
      throw diskFault(e);
    }
  }

  @Override
  public void configure(Order order) throws InterruptedException {
    AgentSettings wanted = order.settings();
    try (MachineLock.Held _ = lock(order)) {
      order.check();
      Placement placement = mine(order.handle());
      AgentDirectory directory = directory(order.agentId());
      directory.create();
      Map<String, String> skills = new TreeMap<>();
      for (String skill : wanted.skills()) {
        settings.skillText().apply(skill).ifPresent(text -> skills.put(skill, text));
      }
      List<String> edited = SkillFolder.sync(directory, skills);
      if (!edited.isEmpty()) {
        LOG.log(
            Level.INFO, "agent.skills_kept agent=" + order.agentId() + " edited=" + edited.size());
      }
      order.record(placement.with(wanted).json());
    } catch (IOException e) {
      throw diskFault(e);
    }
  }

  @Override
  public void start(Order order) throws InterruptedException {
    try (MachineLock.Held _ = lock(order)) {
      order.check();
      endAll(order);
      Placement placement = mine(order.handle()).ended();
      if (!free(placement.port())) {
        placement = placement.at(freePort());
      }
      // Where it will be, before it is: whoever finds it after a crash knows its port.
      order.record(placement.json());
      AgentDirectory directory = directory(order.agentId());
      AgentSettings agent =
          placement
              .settings()
              .orElseThrow(() ->
                  new ProviderException(
                      "not_configured", "The agent was never configured.", false, null));
      ModelAccess models =
          settings
              .ownerKey()
              .apply(agent.ownerId())
              .map(settings.models()::with)
              .orElse(settings.models());
      ProcessIdentity child =
          Children.spawn(
              settings
                  .release()
                  .command(
                      List.of(
                          Children.mark(order.instanceId()),
                          "-Djava.io.tmpdir=" + directory.temporary())),
              ChildEnvironment.of(
                  agent, placement.port(), directory, models, settings.environment()),
              directory.root(),
              directory.log());
      try {
        order.record(placement.started(here, child).json());
      } catch (Fenced e) {
        Children.end(child, Duration.ZERO);
        throw e;
      }
      LOG.log(
          Level.INFO,
          "agent.started agent=%s pid=%d port=%d"
              .formatted(order.agentId(), child.pid(), placement.port()));
    }
  }

  @Override
  public boolean started(ObjectNode handle) {
    return Placement.of(handle).filter(this::isHere).flatMap(p -> p.alive(here)).isPresent();
  }

  @Override
  public Optional<Endpoint> endpoint(ObjectNode handle) {
    return Placement.of(handle).map(p -> new Endpoint.Loopback(p.machine(), p.port()));
  }

  @Override
  public Health health(ObjectNode handle) {
    return HealthProbe.ask(mine(handle).port(), PROBE_TIME_MAX);
  }

  @Override
  public void stop(Order order) throws InterruptedException {
    if (Placement.of(order.handle()).isEmpty()) {
      return;
    }
    try (MachineLock.Held _ = lock(order)) {
      order.check();
      Placement placement = mine(order.handle());
      endAll(order);
      order.record(placement.ended().json());
    }
  }

  @Override
  public void destroy(Order order) throws InterruptedException {
    // An instance without a placement may still have a directory: the crash came in between.
    Placement.of(order.handle()).ifPresent(this::requireHere);
    try (MachineLock.Held _ = lock(order)) {
      order.check();
      endAll(order);
      directory(order.agentId()).wipe();
    } catch (IOException e) {
      throw diskFault(e);
    }
  }

  /** The machine this provider acts on; an endpoint of another one is of no use here. */
  public String machineId() {
    return here.id();
  }

  Machine here() {
    return here;
  }

  MachineLock locks() {
    return locks;
  }

  AgentDirectory directory(UUID agentId) {
    return new AgentDirectory(
        agents().resolve(agentId.toString()), agentId, settings.installation());
  }

  private Path agents() {
    return settings.dataDir().resolve("agents");
  }

  private MachineLock.Held lock(Order order) throws InterruptedException {
    return locks.acquire(MachineLock.of(order.agentId()), LOCK_TIME_MAX);
  }

  /** Ends the recorded process, and any that carries the instance's mark without being recorded. */
  private void endAll(Order order) throws InterruptedException {
    Optional<ProcessIdentity> recorded =
        Placement.of(order.handle()).flatMap(placement -> placement.alive(here));
    if (recorded.isPresent()) {
      Children.end(recorded.get(), STOP_GRACE);
    }
    for (ProcessIdentity stray : Children.marked(order.instanceId())) {
      LOG.log(Level.WARNING, "agent.stray_ended agent=" + order.agentId() + " pid=" + stray.pid());
      Children.end(stray, STOP_GRACE);
    }
  }

  private Placement mine(ObjectNode handle) {
    Placement placement =
        Placement.of(handle)
            .orElseThrow(() ->
                new ProviderException(
                    "not_provisioned", "The agent has no place yet.", false, null));
    requireHere(placement);
    return placement;
  }

  private boolean isHere(Placement placement) {
    return placement.machine().equals(here.id());
  }

  private void requireHere(Placement placement) {
    if (!isHere(placement)) {
      throw new ProviderException(
          "other_machine", "The agent lives on another machine of this installation.", true, null);
    }
  }

  private static boolean free(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new ProviderException("no_port", "No port is free on this machine.", true, e);
    }
  }

  private static ProviderException diskFault(IOException e) {
    String reason =
        switch (e) {
          case AccessDeniedException _ -> "Permission denied";
          case FileSystemException f -> f.getReason();
          default -> e.getMessage();
        };
    // The system's own words, such as a full disk; what may hold a path stays in the log.
    boolean told = reason != null && !reason.contains("/");
    return new ProviderException(
        "disk",
        "The agent's directory could not be prepared or removed"
            + (told ? ": " + reason : "")
            + ".",
        true,
        e);
  }
}
