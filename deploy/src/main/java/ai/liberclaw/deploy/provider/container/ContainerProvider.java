package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.deploy.engine.Engine;
import ai.liberclaw.deploy.engine.EngineContainer;
import ai.liberclaw.deploy.engine.EngineException;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Endpoint;
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
import ai.liberclaw.deploy.release.Release;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Agents in containers of this machine's engine. What changes an instance holds the machine's lock
 * of its agent and asks the fence inside it. All that is made carries the installation's id, and
 * the agent's container has a name of which there is only one, so there is never a second.
 */
public final class ContainerProvider implements Provider {
  public static final String NAME = "container";

  private static final Logger LOG = System.getLogger(ContainerProvider.class.getName());

  /** What turns that run get to end, as the agent is told, and before it is killed. */
  private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

  private static final Duration UPDATE_GRACE = SHUTDOWN_GRACE.plusSeconds(5);
  private static final Duration STEP_MAX = Duration.ofMinutes(3);
  private static final Duration LOCK_TIME_MAX = Duration.ofSeconds(60);
  private static final Duration PROBE_TIME_MAX = Duration.ofSeconds(2);

  private final ContainerContext context;
  private final Engine engine;
  private final AgentImages images;
  private final Specs specs;
  private final MachineLock locks;

  public ContainerProvider(ContainerContext context) {
    this.context = context;
    this.engine = new Engine(context.settings().socket().orElse(Path.of("/var/run/docker.sock")));
    this.images = new AgentImages(engine, context.settings().base(), context.installation());
    this.specs = new Specs(context.settings());
    this.locks =
        new MachineLock(
            context.dataDir().toAbsolutePath().normalize().resolve("containers/.locks"));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    if (context.settings().socket().isEmpty()) {
      return Optional.of("no container engine's socket was found; CONTAINER_HOST names it");
    }
    Optional<String> base = context.settings().base();
    if (base.isEmpty()) {
      return Optional.of("CONTAINER_BASE is not set; make image makes one");
    }
    if (AgentImages.isFile(base.get()) && !Files.isReadable(Path.of(base.get()))) {
      return Optional.of("CONTAINER_BASE names a file that cannot be read");
    }
    try {
      Release release = context.releases().apply(Optional.empty());
      return engine.problem().map(problem -> problem + " (release " + release.version() + ")");
    } catch (ProviderException e) {
      return Optional.of(e.text());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  @Override
  public Set<StepKey> idleSteps() {
    return EnumSet.of(StepKey.SSH);
  }

  @Override
  public Duration limit(StepKey step) {
    return step == StepKey.ALLOCATION ? AgentImages.TIME_MAX.plusSeconds(30) : STEP_MAX;
  }

  @Override
  public void provision(Order order) throws InterruptedException {
    changing(
        order,
        () -> {
          if (ContainerPlace.of(order.handle()).isEmpty()) {
            order.record(
                ContainerPlace.at(order.instanceId(), context.machineId(), Holder.freePort())
                    .json());
          }
          mine(order.handle());
          life(order).room();
        });
  }

  @Override
  public void allocate(Order order) throws InterruptedException {
    mine(order.handle());
    Release release = context.releases().apply(order.release());
    asked(() -> images.ensure(release));
  }

  @Override
  public void configure(Order order) throws InterruptedException {
    AgentSettings wanted = order.settings();
    Release release = context.releases().apply(order.release());
    mine(order.handle());
    String image = asked(() -> images.ensure(release));
    changing(
        order,
        () -> {
          Names names = names(order);
          ContainerPlace before = mine(order.handle());
          life(order).room();
          if (before.left().isPresent()) {
            engine.removeVolume(names.config(before.left().get().serial()));
          }
          ContainerPlace place = before.configuring(release.id());
          order.record(place.json());
          int serial = place.next().orElseThrow().serial();
          engine.removeContainer(names.desk());
          engine.removeVolume(names.config(serial));
          engine.createVolume(
              names.config(serial), names.labels("config", Optional.of(order.agentId())));
          desk(order, image)
              .furnish(
                  serial, AgentFile.of(wanted, models(wanted), SHUTDOWN_GRACE), skills(wanted));
        });
  }

  @Override
  public void start(Order order) throws InterruptedException {
    changing(
        order,
        () -> {
          ContainerPlace place = mine(order.handle());
          if (place.next().isPresent()) {
            life(order).end(UPDATE_GRACE);
            if (place.current().isPresent() && place.aside().isEmpty()) {
              desk(order, image(place.current().get()))
                  .keepDatabase(place.current().get().serial());
            }
            ContainerPlace before = place;
            place = place.switched();
            order.record(place.json());
            if (before.aside().isPresent() && before.current().isPresent()) {
              // An update upon one that was never settled: only what worked before both is kept.
              engine.removeVolume(names(order).config(before.current().get().serial()));
            }
          }
          run(order, place);
        });
  }

  @Override
  public void settle(Order order) throws InterruptedException {
    changing(
        order,
        () -> {
          ContainerPlace place = mine(order.handle());
          if (place.aside().isPresent() && place.current().isPresent()) {
            desk(order, image(place.current().get())).dropDatabases(place.current().get().serial());
            engine.removeVolume(names(order).config(place.aside().get().serial()));
            order.record(place.settled().json());
          }
        });
  }

  @Override
  public boolean revert(Order order) throws InterruptedException {
    boolean[] back = new boolean[1];
    changing(
        order,
        () -> {
          ContainerPlace place = mine(order.handle());
          if (place.aside().isPresent()) {
            ContainerPlace.Variant aside = place.aside().get();
            life(order).end(Life.GRACE);
            desk(order, image(aside)).restoreDatabase(aside.serial());
            place = place.reverted();
            order.record(place.json());
          } else if (place.next().isPresent() && place.current().isPresent()) {
            place = place.withdrawn();
            order.record(place.json());
          }
          // What was left marks that it went back, for a second call after a crash.
          if (place.left().isPresent() && place.current().isPresent()) {
            run(order, place);
            desk(order, image(place.current().get())).dropDatabases(place.current().get().serial());
            engine.removeVolume(names(order).config(place.left().get().serial()));
            back[0] = true;
          }
        });
    return back[0];
  }

  @Override
  public boolean started(ObjectNode handle) {
    Optional<ContainerPlace> place =
        ContainerPlace.of(handle).filter(p -> p.machine().equals(context.machineId()));
    if (place.isEmpty() || place.get().current().isEmpty()) {
      return false;
    }
    try {
      return engine
          .container(names(place.get().instance()).agent())
          .filter(EngineContainer::running)
          .filter(container -> Life.isVariant(container, place.get().current().get()))
          .isPresent();
    } catch (EngineException e) {
      LOG.log(Level.WARNING, "engine.failed status=" + e.status(), e);
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public Optional<String> release(ObjectNode handle) {
    return ContainerPlace.of(handle)
        .flatMap(ContainerPlace::current)
        .map(ContainerPlace.Variant::release);
  }

  @Override
  public Optional<Endpoint> endpoint(ObjectNode handle) {
    return ContainerPlace.of(handle).map(p -> new Endpoint.Loopback(p.machine(), p.port()));
  }

  @Override
  public Health health(ObjectNode handle) {
    return HealthProbe.ask(mine(handle).port(), PROBE_TIME_MAX);
  }

  @Override
  public void stop(Order order) throws InterruptedException {
    if (ContainerPlace.of(order.handle()).isPresent()) {
      changing(
          order,
          () -> {
            mine(order.handle());
            engine.stop(names(order).agent(), Life.GRACE);
          });
    }
  }

  @Override
  public void destroy(Order order) throws InterruptedException {
    // Without a place nothing was made: it is written down first.
    if (ContainerPlace.of(order.handle()).isPresent()) {
      mine(order.handle());
      changing(order, () -> life(order).wipe());
    }
  }

  @Override
  public List<Found> inventory() throws InterruptedException {
    return asked(() -> Inventory.of(engine, context.installation(), context.machineId()));
  }

  @Override
  public void discard(Found found) throws InterruptedException {
    requireHere(found.handle().path("machine").asText());
    UUID instance = UUID.fromString(found.handle().path("instance").asText());
    asked(() -> {
      new Life(engine, specs, names(instance), Optional.empty()).wipe();
      return true;
    });
  }

  @Override
  public List<String> logs(Instance instance, int lines) throws InterruptedException {
    Names names = names(mine(instance.handle()).instance());
    return LogLines.last(asked(() -> engine.logs(names.agent(), LogLines.BYTES_MAX)), lines);
  }

  MachineLock locks() {
    return locks;
  }

  /** Ids of this installation's instances on this engine whose agents run. */
  Set<UUID> running() throws InterruptedException {
    return asked(() -> Inventory.running(engine, context.installation()));
  }

  boolean isHere(ObjectNode handle) {
    return handle.path("machine").asText().equals(context.machineId());
  }

  /** Makes the current configuration run, in its network; what fits and runs is left alone. */
  private void run(Order order, ContainerPlace place) throws InterruptedException {
    ContainerPlace.Variant variant =
        place
            .current()
            .orElseThrow(() ->
                new ProviderException(
                    "not_configured", "The agent was never configured.", false, null));
    life(order)
        .run(image(variant), variant, place.port(), port -> order.record(place.on(port).json()));
  }

  private String image(ContainerPlace.Variant variant) throws InterruptedException {
    String name = AgentImages.name(variant.release());
    // A release this server has forgotten still runs from the image that was made of it.
    return engine.image(name).isPresent()
        ? name
        : images.ensure(context.releases().apply(Optional.of(variant.release())));
  }

  private ModelAccess models(AgentSettings agent) {
    return context
        .ownerKey()
        .apply(agent.ownerId())
        .map(context.models()::with)
        .orElse(context.models());
  }

  private Map<String, String> skills(AgentSettings agent) {
    Map<String, String> skills = new TreeMap<>();
    for (String id : agent.skills()) {
      context.skillText().apply(id).ifPresent(text -> skills.put(id, text));
    }
    return skills;
  }

  private Life life(Order order) {
    return new Life(engine, specs, names(order), Optional.of(order.agentId()));
  }

  private Desk desk(Order order, String image) {
    return new Desk(engine, specs, names(order), order.agentId(), image);
  }

  private Names names(Order order) {
    return names(order.instanceId());
  }

  private Names names(UUID instance) {
    return new Names(context.installation(), instance);
  }

  private ContainerPlace mine(ObjectNode handle) {
    ContainerPlace place =
        ContainerPlace.of(handle)
            .orElseThrow(() ->
                new ProviderException(
                    "not_provisioned", "The agent has no place yet.", false, null));
    requireHere(place.machine());
    return place;
  }

  private void requireHere(String machine) {
    if (!machine.equals(context.machineId())) {
      throw new ProviderException(
          "other_machine", "The agent lives on another machine of this installation.", true, null);
    }
  }

  private interface Change {
    void make() throws InterruptedException;
  }

  private interface Question<T> {
    T ask() throws InterruptedException;
  }

  /** Under the machine's lock and the order's fence. */
  private void changing(Order order, Change change) throws InterruptedException {
    try (MachineLock.Held _ = locks.acquire(MachineLock.of(order.agentId()), LOCK_TIME_MAX)) {
      order.check();
      asked(() -> {
        change.make();
        return true;
      });
    }
  }

  private static <T> T asked(Question<T> question) throws InterruptedException {
    try {
      return question.ask();
    } catch (EngineException e) {
      // The engine's words hold paths and names: they are the operator's.
      LOG.log(Level.WARNING, "engine.failed status=" + e.status() + " message=" + e.getMessage());
      throw new ProviderException(
          "engine",
          e.status() == EngineException.NO_ANSWER
              ? "The container engine did not answer."
              : "The container engine could not do what was asked.",
          e.retryable(),
          e);
    }
  }
}
