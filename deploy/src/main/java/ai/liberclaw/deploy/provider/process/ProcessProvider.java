package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.HealthProbe;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.LogLines;
import ai.liberclaw.deploy.provider.MachineLock;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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
import java.util.TreeSet;
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
  private final ProcessInventory inventory;
  private final ReleaseShelf shelf;

  public ProcessProvider(Settings settings) {
    this.settings = settings;
    this.here = Machine.read(settings.dataDir());
    this.locks = new MachineLock(agents().resolve(".locks"));
    this.inventory = new ProcessInventory(agents(), settings.installation(), locks);
    this.shelf = new ReleaseShelf(settings.dataDir().resolve("releases"), settings.release());
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
        order.record(Placement.fresh(here, Ports.any()).json());
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
      String release = order.release().orElseGet(shelf::current);
      shelf.take(release);
      syncSkills(order, wanted);
      order.record(placement.preparing(new Setup(wanted, Optional.of(release))).json());
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
      if (placement.next().isPresent()) {
        if (placement.now().isPresent() && placement.kept().isEmpty()) {
          new Aside(directory(order.agentId())).keep();
        }
        placement = placement.advanced();
      }
      spawn(order, placement);
    } catch (IOException e) {
      throw diskFault(e);
    }
  }

  @Override
  public void settle(Order order) throws InterruptedException {
    try (MachineLock.Held _ = lock(order)) {
      order.check();
      Placement placement = mine(order.handle());
      if (!placement.settled().equals(placement)) {
        order.record(placement.settled().json());
      }
      new Aside(directory(order.agentId())).remove();
    } catch (IOException e) {
      throw diskFault(e);
    }
  }

  @Override
  public boolean revert(Order order) throws InterruptedException {
    try (MachineLock.Held _ = lock(order)) {
      order.check();
      Placement placement = mine(order.handle());
      boolean runs = placement.alive(here).isPresent();
      // Before anything was kept the agent was stopped at most.
      boolean untouched = placement.kept().isEmpty();
      if (placement.now().isEmpty() || (untouched && placement.next().isEmpty())) {
        return false;
      }
      if ((untouched || placement.returned()) && runs) {
        return true;
      }
      endAll(order);
      if (!untouched && !placement.returned()) {
        new Aside(directory(order.agentId())).restore();
        placement = placement.goneBack();
      }
      syncSkills(order, placement.now().orElseThrow().settings());
      spawn(order, placement.ended());
      return true;
    } catch (IOException e) {
      throw diskFault(e);
    }
  }

  private void syncSkills(Order order, AgentSettings agent) throws IOException {
    Map<String, String> skills = new TreeMap<>();
    for (String skill : agent.skills()) {
      settings.skillText().apply(skill).ifPresent(text -> skills.put(skill, text));
    }
    List<String> edited = SkillFolder.sync(directory(order.agentId()), skills);
    if (!edited.isEmpty()) {
      LOG.log(
          Level.INFO, "agent.skills_kept agent=" + order.agentId() + " edited=" + edited.size());
    }
  }

  /** Starts what the placement says and records it; nothing else of the instance runs. */
  private void spawn(Order order, Placement planned) throws InterruptedException, IOException {
    Setup setup =
        planned
            .now()
            .orElseThrow(() ->
                new ProviderException(
                    "not_configured", "The agent was never configured.", false, null));
    String release =
        settings.release().kept() ? setup.release().orElseGet(shelf::current) : shelf.current();
    AgentRelease files = shelf.take(release);
    Placement placement = Ports.free(planned.port()) ? planned : planned.at(Ports.any());
    placement = placement.running(release);
    // Where it will be, before it is: whoever finds it after a crash knows its port.
    order.record(placement.json());
    AgentDirectory directory = directory(order.agentId());
    AgentSettings agent = setup.settings();
    ModelAccess models =
        settings
            .ownerKey()
            .apply(agent.ownerId())
            .map(settings.models()::with)
            .orElse(settings.models());
    Map<String, String> environment =
        ChildEnvironment.of(
            agent, release, placement.port(), directory, models, settings.environment());
    ChildEnvironment.fit(environment, directory.config());
    ProcessIdentity child =
        Children.spawn(
            files.command(List.of(Children.mark(order.instanceId()), directory.mark())),
            environment,
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
        "agent.started agent=%s pid=%d port=%d release=%s"
            .formatted(order.agentId(), child.pid(), placement.port(), release));
  }

  @Override
  public Optional<String> release(ObjectNode handle) {
    return Placement.of(handle).flatMap(Placement::now).flatMap(Setup::release);
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
  public List<String> logs(Instance instance, int lines) {
    mine(instance.handle());
    try {
      return LogLines.last(directory(instance.agentId()).lastOfLog(), lines);
    } catch (IOException e) {
      throw new ProviderException("disk", "The agent's log could not be read.", true, e);
    }
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

  @Override
  public List<Found> inventory() {
    return inventory.list();
  }

  @Override
  public boolean listed(ObjectNode handle) {
    return Placement.of(handle).filter(this::isHere).isPresent();
  }

  @Override
  public void discard(Found found) throws InterruptedException {
    inventory.discard(found);
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

  /** The release that new agents of this machine get. */
  public Optional<String> current() {
    return settings.release().present() ? Optional.of(shelf.current()) : Optional.empty();
  }

  /** Removes copies of releases that none of these instances may need again. */
  void keepReleasesOf(List<Instance> instances) {
    Set<String> ids = new TreeSet<>();
    for (Instance instance : instances) {
      Placement.of(instance.handle()).ifPresent(p -> ids.addAll(p.releases()));
    }
    shelf.keepOnly(ids);
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
