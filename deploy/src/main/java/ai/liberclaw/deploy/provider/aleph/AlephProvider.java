package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.core.secret.Envelope;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.AlephHttp;
import ai.liberclaw.deploy.aleph.AlephMessageStore;
import ai.liberclaw.deploy.aleph.AlephWallet;
import ai.liberclaw.deploy.aleph.NodeStore;
import ai.liberclaw.deploy.aleph.PublicNames;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshLogins;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.AgentVariables;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.InstanceStore;
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
import java.util.concurrent.TimeUnit;
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
  private static final Duration PUBLIC_TIME_MAX = Duration.ofSeconds(10);
  private static final Duration KEPT_MESSAGES = Duration.ofDays(90);

  private final Settings settings;
  private final Optional<Parts> parts;

  /**
   * What the provider works with.
   *
   * @param envelope seals the keys that log in to machines
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
      Function<String, Optional<String>> skills,
      Optional<PublicProxy> proxy,
      Clock clock) {}

  /** All that wants a wallet. */
  private record Parts(
      AlephWallet wallet,
      AlephHttp http,
      PublicNames names,
      AlephTimes times,
      CreditGuard guard,
      Ordering ordering,
      Allocation allocation,
      Removal removal,
      Machines machines,
      Inventory inventory) {}

  public AlephProvider(Settings settings) {
    this(settings, AlephTimes.usual());
  }

  AlephProvider(Settings settings, AlephTimes times) {
    this.settings = settings;
    this.parts = settings.config().wallet().map(wallet -> parts(settings, wallet, times));
  }

  private static Parts parts(Settings settings, AlephWallet wallet, AlephTimes times) {
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
    return new Parts(
        wallet,
        shared.http(),
        shared.names(),
        times,
        guard,
        ordering,
        new Allocation(shared, ordering, removal, guard),
        removal,
        new Machines(shared, keys, settings.connections()),
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
        : settings.models().missing();
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
    HostAgents agents = agents(handle(order));
    agents.install(release(order), agents.facts(), INSTALL_TIME_MAX);
  }

  @Override
  public boolean poolable() {
    return parts.isPresent() && missing().isEmpty() && !parts.get().guard().low();
  }

  @Override
  public void configure(Order order) throws InterruptedException {
    MachineHandle handle = handle(order);
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
    Map<String, String> variables = AgentVariables.of(order.agentId(), agent, settings.models());
    Map<String, String> skills = new HashMap<>();
    agent
        .skills()
        .forEach(id -> settings.skills().apply(id).ifPresent(text -> skills.put(id, text)));
    List<String> edited =
        agents.configure(place, new HostAgents.Config(release.id(), variables, skills));
    if (!edited.isEmpty()) {
      LOG.log(Level.INFO, "skills.kept agent=" + order.agentId() + " count=" + edited.size());
    }
  }

  @Override
  public void start(Order order) throws InterruptedException {
    MachineHandle handle = handle(order);
    agents(handle).start(place(handle));
    if (settings.proxy().isPresent() && !handle.publicly()) {
      name(order, handle, settings.proxy().get());
    }
  }

  /** Without a name that answers the agent is reached through SSH, and works all the same. */
  private void name(Order order, MachineHandle handle, PublicProxy proxy)
      throws InterruptedException {
    String hash = handle.hash().orElseThrow(AlephProvider::without);
    long deadline = System.nanoTime() + parts().times().named().toNanos();
    MachineHandle named = handle;
    for (int look = 1; System.nanoTime() < deadline; look++) {
      try {
        if (named.name().isEmpty()) {
          Optional<String> name = parts().names().name(hash);
          if (name.isPresent()) {
            named = handle.named(name.get(), false);
            order.record(named.json());
            proxy.serve(
                parts().machines().shell(named), order.agentId(), name.get(), place(named).port());
            continue;
          }
        } else if (answers(named.name().get())) {
          order.record(named.named(named.name().get(), true).json());
          return;
        }
      } catch (AlephException e) {
        LOG.log(Level.DEBUG, "aleph.name_unknown hash=" + hash + " kind=" + e.kind());
      }
      TimeUnit.NANOSECONDS.sleep(parts().times().poll().delay(look).toNanos());
    }
    LOG.log(
        Level.WARNING,
        "aleph.not_public agent=%s hash=%s named=%s"
            .formatted(order.agentId(), hash, named.name().isPresent()));
  }

  private boolean answers(String name) throws InterruptedException {
    try {
      return parts().http().get("https://" + name + "/health", PUBLIC_TIME_MAX).ok();
    } catch (AlephException e) {
      return false;
    }
  }

  @Override
  public void settle(Order order) throws InterruptedException {
    MachineHandle handle = handle(order);
    agents(handle).settle(place(handle));
  }

  @Override
  public boolean revert(Order order) throws InterruptedException {
    MachineHandle handle = handle(order);
    return agents(handle).revert(place(handle));
  }

  @Override
  public boolean started(ObjectNode json) {
    Optional<MachineHandle> handle =
        MachineHandle.of(json).filter(h -> h.reached() && h.agentPort().isPresent());
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
  public Health health(ObjectNode json) throws InterruptedException {
    Optional<MachineHandle> handle =
        MachineHandle.of(json).filter(h -> h.reached() && h.agentPort().isPresent());
    return handle.isPresent()
        ? agents(handle.get()).health(place(handle.get()), HEALTH_TIME_MAX)
        : Health.silent();
  }

  @Override
  public void stop(Order order) throws InterruptedException {
    MachineHandle handle = handle(order);
    if (handle.reached() && handle.agentPort().isPresent()) {
      agents(handle).stop(place(handle));
    }
  }

  @Override
  public void destroy(Order order) throws InterruptedException {
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

  private HostAgents agents(MachineHandle handle) {
    return parts().machines().agents(handle);
  }

  private static HostAgents.Place place(MachineHandle handle) {
    return new HostAgents.Place(
        handle.agentId().orElseThrow(AlephProvider::without),
        handle.instanceId(),
        handle.agentPort().orElseThrow(AlephProvider::without));
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
