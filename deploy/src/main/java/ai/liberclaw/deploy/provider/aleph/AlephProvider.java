package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.core.secret.Envelope;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.AlephMessageStore;
import ai.liberclaw.deploy.aleph.AlephWallet;
import ai.liberclaw.deploy.aleph.NodeStore;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshLogins;
import ai.liberclaw.deploy.host.proxy.HostProxy;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.AgentVariables;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.LogLines;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.Releases;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * Agents on machines of the Aleph network, one on each. On the machine they are what they are on
 * any host.
 */
public final class AlephProvider implements Provider {
  /** As in rows and configuration. */
  public static final String NAME = "aleph";

  private static final Logger LOG = System.getLogger(AlephProvider.class.getName());
  private static final Duration INSTALL_TIME_MAX = Duration.ofMinutes(3);
  private static final Duration HEALTH_TIME_MAX = Duration.ofSeconds(5);
  private static final Duration KEPT_MESSAGES = Duration.ofDays(90);

  private final Settings settings;
  private final Optional<Parts> parts;

  /**
   * What the provider works with.
   *
   * @param envelope seals the keys that log in to machines
   * @param ownerKeys an owner's own model key, if there is one
   * @param skills text by id
   * @param proxy makes agents answer under public names; empty: they are reached through SSH alone
   */
  public record Settings(
      AlephConfig config,
      PlatformDatabase database,
      UUID installation,
      Releases releases,
      ModelAccess models,
      SshConnections connections,
      Alarms alarms,
      Envelope envelope,
      Function<UUID, Optional<String>> ownerKeys,
      Function<String, Optional<String>> skills,
      Optional<HostProxy> proxy,
      Clock clock) {}

  /** All that wants a wallet. */
  private record Parts(
      AlephWallet wallet,
      CreditGuard guard,
      Ordering ordering,
      Allocation allocation,
      Removal removal,
      Machines machines,
      Optional<Naming> naming,
      Inventory inventory) {}

  public AlephProvider(Settings settings) {
    this(settings, AlephTimes.usual(), Optional.empty());
  }

  /**
   * @param look how agents are asked under their public names, if not over the internet
   */
  AlephProvider(Settings settings, AlephTimes times, Optional<PublicLook> look) {
    this.settings = settings;
    this.parts = settings.config().wallet().map(wallet -> parts(settings, wallet, times, look));
  }

  private static Parts parts(
      Settings settings, AlephWallet wallet, AlephTimes times, Optional<PublicLook> look) {
    AlephParts shared =
        AlephParts.of(
            settings.config(),
            wallet,
            settings.database(),
            settings.installation(),
            times,
            settings.clock());
    CreditGuard guard =
        new CreditGuard(
            shared.network(), settings.config(), settings.database(), settings.alarms());
    MachineKeys keys = new MachineKeys(settings.database(), settings.envelope());
    Ordering ordering = new Ordering(shared, guard, keys);
    Removal removal = new Removal(shared);
    Machines machines = new Machines(shared, keys, settings.connections());
    PublicLook publicLook = look.orElseGet(() -> Naming.over(shared.http()));
    return new Parts(
        wallet,
        guard,
        ordering,
        new Allocation(shared, ordering, removal, guard),
        removal,
        machines,
        settings
            .proxy()
            .map(proxy -> new Naming(shared.names(), machines, proxy, publicLook, times)),
        new Inventory(shared, removal));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    if (parts.isEmpty()) {
      return Optional.of("LIBERCLAW_ALEPH_PRIVATE_KEY is not set");
    }
    if (settings.config().readOnly()) {
      return Optional.of("LIBERCLAW_ALEPH_READ_ONLY is set");
    }
    return settings.releases().current().isEmpty()
        ? Optional.of("there is no release to install")
        : Optional.empty();
  }

  @Override
  public Set<StepKey> idleSteps() {
    return Set.of();
  }

  @Override
  public Duration limit(StepKey step) {
    return switch (step) {
      case PROVISIONING, ENVIRONMENT, SERVICE -> Duration.ofMinutes(5);
      case ALLOCATION -> Duration.ofMinutes(13);
      case SSH -> Duration.ofMinutes(3);
      case HEALTH -> Duration.ofSeconds(60);
    };
  }

  @Override
  public void provision(Order order) throws InterruptedException {
    parts().ordering().order(order);
  }

  @Override
  public void allocate(Order order) throws InterruptedException {
    parts().allocation().bringUp(order);
  }

  @Override
  public void reach(Order order) throws InterruptedException {
    parts().machines().reach(order);
  }

  @Override
  public void prepare(Order order) throws InterruptedException {
    MachineHandle handle = handle(order);
    HostAgents agents = agents(handle);
    agents.install(release(order), agents.facts(), INSTALL_TIME_MAX);
    if (parts().naming().isPresent()) {
      parts().naming().get().reserve(order, handle);
    }
  }

  @Override
  public boolean poolable() {
    return parts.isPresent();
  }

  @Override
  public boolean scarce() {
    return parts.isPresent() && parts.get().guard().low();
  }

  @Override
  public void configure(Order order) throws InterruptedException {
    MachineHandle handle = handle(order);
    if (parts().naming().isPresent()) {
      handle = parts().naming().get().begin(order, handle);
    }
    AgentSettings agent = order.settings();
    Release release = release(order);
    HostAgents agents = agents(handle);
    agents.install(release, agents.facts(), INSTALL_TIME_MAX);
    order.check();
    HostAgents.Place place = agents.prepare(order.agentId(), order.instanceId());
    MachineHandle placed = handle.placed(place.agentId(), place.port());
    if (!placed.equals(handle)) {
      order.record(placed.json());
    }
    ModelAccess models =
        settings
            .ownerKeys()
            .apply(agent.ownerId())
            .map(settings.models()::with)
            .orElse(settings.models());
    Map<String, String> skills = new HashMap<>();
    agent
        .skills()
        .forEach(id -> settings.skills().apply(id).ifPresent(text -> skills.put(id, text)));
    Map<String, String> variables = AgentVariables.of(agent, models);
    variables.put("AGENT_RUNTIME", NAME);
    List<String> edited =
        agents.configure(place, new HostAgents.Config(release.id(), variables, skills));
    if (!edited.isEmpty()) {
      LOG.log(Level.INFO, "skills.kept agent=" + order.agentId() + " count=" + edited.size());
    }
  }

  @Override
  public void start(Order order) throws InterruptedException {
    order.check();
    MachineHandle handle = handle(order);
    agents(handle).start(place(handle));
    if (parts().naming().isPresent() && !handle.publicly()) {
      parts().naming().get().give(order, handle);
    }
  }

  @Override
  public void settle(Order order) throws InterruptedException {
    order.check();
    MachineHandle handle = handle(order);
    if (isPlaced(handle)) {
      agents(handle).settle(place(handle));
    }
  }

  @Override
  public boolean revert(Order order) throws InterruptedException {
    order.check();
    MachineHandle handle = handle(order);
    return isPlaced(handle) && agents(handle).revert(place(handle));
  }

  @Override
  public boolean started(ObjectNode json) {
    Optional<MachineHandle> handle = MachineHandle.of(json).filter(AlephProvider::isPlaced);
    if (handle.isEmpty()) {
      return false;
    }
    try {
      return agents(handle.get()).started(place(handle.get()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public Optional<Endpoint> endpoint(ObjectNode json) {
    return MachineHandle.of(json).flatMap(AlephProvider::endpoint);
  }

  private static Optional<Endpoint> endpoint(MachineHandle handle) {
    if (handle.publicly() && handle.name().isPresent()) {
      return Optional.of(new Endpoint.Public(URI.create("https://" + handle.name().get())));
    }
    if (!handle.reached()) {
      return Optional.empty();
    }
    return handle
        .host()
        .flatMap(host ->
            handle
                .sshPort()
                .flatMap(sshPort ->
                    handle
                        .agentPort()
                        .map(port ->
                            new Endpoint.Tunnel(handle.instanceId(), host, sshPort, port))));
  }

  @Override
  public Optional<String> lacking(ObjectNode json) {
    boolean nameless =
        parts.flatMap(Parts::naming).isPresent()
            && MachineHandle.of(json).filter(handle -> !handle.publicly()).isPresent();
    return nameless ? Optional.of(NO_PUBLIC_NAME) : Optional.empty();
  }

  /** How to log in to the machines, by their instances. */
  public SshLogins logins() {
    return instance ->
        parts.flatMap(made ->
            InstanceStore.find(settings.database().dsl(), instance)
                .filter(row -> row.provider().equals(NAME))
                .map(row -> MachineHandle.of(instance, row.handle()))
                .filter(MachineHandle::reached)
                .map(made.machines()::login));
  }

  @Override
  public List<String> logs(Instance instance, int lines) throws InterruptedException {
    Optional<MachineHandle> handle =
        MachineHandle.of(instance.handle()).filter(h -> h.reached() && h.agentPort().isPresent());
    return handle.isPresent()
        ? LogLines.last(agents(handle.get()).logs(place(handle.get()), lines), lines)
        : List.of();
  }

  @Override
  public Health health(ObjectNode json) throws InterruptedException {
    Optional<MachineHandle> handle = MachineHandle.of(json).filter(AlephProvider::isPlaced);
    return handle.isPresent()
        ? agents(handle.get()).health(place(handle.get()), HEALTH_TIME_MAX)
        : Health.silent();
  }

  @Override
  public void stop(Order order) throws InterruptedException {
    order.check();
    MachineHandle handle = handle(order);
    if (isPlaced(handle)) {
      agents(handle).stop(place(handle));
    }
  }

  @Override
  public void destroy(Order order) throws InterruptedException {
    order.check();
    MachineHandle handle = handle(order);
    if (handle.reached()) {
      try {
        settings.connections().forget(parts().machines().login(handle));
      } catch (ProviderException _) {
        // There is no connection to close.
      }
    }
    parts().removal().removeAll(order.instanceId());
  }

  @Override
  public List<Found> inventory() throws InterruptedException {
    return parts.isPresent() ? parts.get().inventory().find() : List.of();
  }

  @Override
  public void discard(Found found) throws InterruptedException {
    parts().inventory().discard(found);
  }

  /** Looks after credits and old rows; for one server every few minutes. */
  public void watch() throws AlephException, InterruptedException {
    NodeStore.purge(settings.database().dsl());
    AlephMessageStore.purge(
        settings.database().dsl(), settings.clock().instant().minus(KEPT_MESSAGES));
    if (parts.isPresent()) {
      parts.get().guard().watch(parts.get().wallet().address());
    }
  }

  /** Looks after agents' public names; for one server every few minutes. */
  public void watchNames() throws InterruptedException {
    Optional<Naming> naming = parts.flatMap(Parts::naming);
    if (naming.isPresent()) {
      new NameWatch(settings.database(), naming.get(), AlephProvider::endpoint).run();
    }
  }

  private HostAgents agents(MachineHandle handle) {
    return parts().machines().agents(handle);
  }

  private static HostAgents.Place place(MachineHandle handle) {
    return new HostAgents.Place(
        handle.agentId().orElseThrow(AlephProvider::without),
        handle.instanceId(),
        handle.agentPort().orElseThrow(AlephProvider::without));
  }

  private static boolean isPlaced(MachineHandle handle) {
    return handle.reached() && handle.agentPort().isPresent();
  }

  private static MachineHandle handle(Order order) {
    return MachineHandle.of(order.instanceId(), order.handle());
  }

  private Release release(Order order) {
    return settings.releases().require(order.release());
  }

  private Parts parts() {
    return parts.orElseThrow(() ->
        new ProviderException(
            "provider_missing", "Deployment provider aleph is not configured.", true, null));
  }

  private static ProviderException without() {
    return new ProviderException("machine_missing", "The agent has no machine yet.", true, null);
  }
}
