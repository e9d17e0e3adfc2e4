package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.adopt.OriginalAgent;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.HostAgents.Marked;
import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.AgentVariables;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Instance;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/** Agents on registered machines, several on each, reached through tunnels. */
public final class SshProvider implements Provider {
  public static final String NAME = "ssh";

  private static final Logger LOG = System.getLogger(SshProvider.class.getName());
  private static final Duration INSTALL_TIME_MAX = Duration.ofMinutes(3);
  private static final Duration PROBE_TIME_MAX = Duration.ofSeconds(3);

  /**
   * What the provider needs to know.
   *
   * @param ownerKey the model key an owner brought, asked at each configuration of an agent of
   *     theirs
   * @param skillText text of a skill by its id
   */
  public record Settings(
      Releases releases,
      ModelAccess models,
      Function<UUID, Optional<String>> ownerKey,
      Function<String, Optional<String>> skillText) {
    @Override
    public String toString() {
      return "Settings[]";
    }
  }

  private final PlatformDatabase database;
  private final Hosts hosts;
  private final AgentNames names;
  private final Settings settings;

  public SshProvider(PlatformDatabase database, Hosts hosts, AgentNames names, Settings settings) {
    this.database = database;
    this.hosts = hosts;
    this.names = names;
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    if (settings.releases().current().isEmpty()) {
      return Optional.of("no release of the agent (LIBERCLAW_RELEASE_DIR)");
    }
    return HostStore.any(database.dsl())
        ? Optional.empty()
        : Optional.of("no machine is registered (command: host add)");
  }

  @Override
  public Set<StepKey> idleSteps() {
    return EnumSet.of(StepKey.ALLOCATION);
  }

  @Override
  public Duration limit(StepKey step) {
    return switch (step) {
      case PROVISIONING, ALLOCATION, SSH, HEALTH -> Duration.ofMinutes(1);
      // An update starts the agent in this step, too, the first of an adopted one with its data.
      case ENVIRONMENT -> INSTALL_TIME_MAX.plusMinutes(4).plus(OriginalAgent.COPY_TIME_MAX);
      case SERVICE -> Duration.ofMinutes(2);
    };
  }

  @Override
  public void provision(Order order) throws InterruptedException {
    order.check();
    UUID ownerId = order.settings().ownerId();
    Host host =
        database
            .transaction(sql -> HostStore.assign(sql, order.instanceId(), ownerId))
            .orElseThrow(() ->
                new ProviderException(
                    "no_room", "No machine has room for another agent.", true, null));
    hosts.check(host);
    order.check();
    // The instance's row names the host, and the marker there the instance: either finds the other.
    Place place = hosts.on(host).prepare(order.agentId(), order.instanceId());
    order.record(Placed.handle(order.handle(), host, place));
  }

  @Override
  public void reach(Order order) throws InterruptedException {
    order.check();
    hosts.check(placed(order).host());
  }

  @Override
  public void configure(Order order) throws InterruptedException {
    order.check();
    Placed placed = placed(order);
    Release release = settings.releases().require(order.release());
    HostAgents agents = hosts.on(placed.host());
    agents.install(release, agents.facts(), INSTALL_TIME_MAX);
    order.check();
    if (Adopted.in(order.handle())) {
      order.record(adopted(placed.host()).prepare(order, release.id()));
      return;
    }
    List<String> edited = agents.configure(placed.place(), config(order, release.id()));
    if (!edited.isEmpty()) {
      LOG.log(
          Level.INFO, "agent.skills_kept agent=" + order.agentId() + " edited=" + edited.size());
    }
    order.record(order.handle().deepCopy().put("next_release", release.id()));
  }

  private HostAgents.Config config(Order order, String release) {
    AgentSettings wanted = order.settings();
    ModelAccess models =
        settings
            .ownerKey()
            .apply(wanted.ownerId())
            .map(settings.models()::with)
            .orElse(settings.models());
    Map<String, String> variables = AgentVariables.of(wanted, models);
    variables.put("AGENT_RUNTIME", NAME);
    Map<String, String> skills = new TreeMap<>();
    for (String skill : wanted.skills()) {
      settings.skillText().apply(skill).ifPresent(text -> skills.put(skill, text));
    }
    return new HostAgents.Config(release, variables, skills);
  }

  private Adopted adopted(Host host) {
    return new Adopted(hosts.original(host), hosts.on(host));
  }

  @Override
  public void start(Order order) throws InterruptedException {
    order.check();
    Placed placed = placed(order);
    if (Adopted.in(order.handle())) {
      order.record(adopted(placed.host()).takeOver(order, release -> config(order, release)));
      return;
    }
    hosts.on(placed.host()).start(placed.place());
    ObjectNode handle = order.handle().deepCopy();
    if (handle.has("next_release")) {
      // Of several tries to update, the first kept what ran before.
      if (handle.has("release") && !handle.has("kept_release")) {
        handle.set("kept_release", handle.get("release"));
      }
      handle.set("release", handle.remove("next_release"));
      order.record(handle);
    }
    ObjectNode named =
        names.serve(hosts.shell(placed.host()), placed.host(), placed.place(), order.handle());
    if (!named.equals(order.handle())) {
      order.record(named);
    }
  }

  @Override
  public void settle(Order order) throws InterruptedException {
    order.check();
    if (Placed.in(order.handle())) {
      Placed placed = placed(order);
      if (Adopted.once(order.handle())) {
        order.record(adopted(placed.host()).settle(order));
      }
      if (!Adopted.in(order.handle())) {
        hosts.on(placed.host()).settle(placed.place());
        if (order.handle().has("kept_release")) {
          ObjectNode handle = order.handle().deepCopy();
          handle.remove("kept_release");
          order.record(handle);
        }
      }
    }
  }

  @Override
  public boolean revert(Order order) throws InterruptedException {
    order.check();
    if (!Placed.in(order.handle())) {
      return false;
    }
    Placed placed = placed(order);
    if (Adopted.in(order.handle()) || Adopted.taken(order.handle())) {
      Optional<ObjectNode> given = adopted(placed.host()).revert(order);
      given.ifPresent(order::record);
      return given.isPresent();
    }
    boolean reverted = hosts.on(placed.host()).revert(placed.place());
    ObjectNode handle = order.handle().deepCopy();
    if (reverted) {
      if (handle.has("kept_release")) {
        handle.set("release", handle.remove("kept_release"));
      }
      handle.remove("next_release");
      if (!handle.equals(order.handle())) {
        order.record(handle);
      }
    }
    return reverted;
  }

  @Override
  public boolean started(ObjectNode handle) {
    try {
      Placed placed = placed(handle);
      return Adopted.in(handle)
          ? adopted(placed.host()).started()
          : hosts.on(placed.host()).started(placed.place());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public Optional<String> release(ObjectNode handle) {
    return Optional.ofNullable(handle.path("release").textValue());
  }

  @Override
  public Optional<Endpoint> endpoint(ObjectNode handle) {
    return Placed.in(handle) ? Optional.of(Placed.endpoint(handle)) : Optional.empty();
  }

  @Override
  public List<String> logs(Instance instance, int lines) throws InterruptedException {
    Placed placed = placed(instance.handle());
    if (Adopted.in(instance.handle())) {
      return LogLines.last(hosts.original(placed.host()).logs(lines), lines);
    }
    return LogLines.last(hosts.on(placed.host()).logs(placed.place(), lines), lines);
  }

  @Override
  public Health health(ObjectNode handle) throws InterruptedException {
    Placed placed = placed(handle);
    if (Adopted.in(handle)) {
      return adopted(placed.host()).health(placed.place(), PROBE_TIME_MAX);
    }
    return hosts.on(placed.host()).health(placed.place(), PROBE_TIME_MAX);
  }

  @Override
  public void stop(Order order) throws InterruptedException {
    order.check();
    if (Placed.in(order.handle())) {
      Placed placed = placed(order);
      if (Adopted.in(order.handle())) {
        hosts.original(placed.host()).stop();
      } else {
        hosts.on(placed.host()).stop(placed.place());
      }
    }
  }

  @Override
  public void destroy(Order order) throws InterruptedException {
    order.check();
    // Also when its host was chosen, and the crash came before anything of it was recorded.
    Optional<Host> host = HostStore.of(database.dsl(), order.instanceId());
    if (host.isPresent()) {
      names.remove(hosts.shell(host.get()), order.agentId());
      if (Adopted.once(order.handle())) {
        hosts.original(host.get()).wipe(order.instanceId());
      }
      hosts.on(host.get()).destroy(order.agentId(), order.instanceId());
      HostStore.release(database.dsl(), order.instanceId());
    }
  }

  /**
   * Leaves out machines that do not answer, whose agents' owners are then told; fails when none
   * does, which is rather a fault of this server.
   */
  @Override
  public List<Found> inventory() throws InterruptedException {
    List<Found> found = new ArrayList<>();
    List<Host> all = hosts.all();
    int silent = 0;
    for (Host host : all) {
      try {
        for (Marked marked : hosts.on(host).inventory()) {
          found.add(
              new Found(
                  host.id() + "/" + marked.agentId(),
                  marked.instanceId(),
                  Json.object()
                      .put("host", host.id().toString())
                      .put("agent", marked.agentId().toString()),
                  marked.createdAt()));
        }
      } catch (ProviderException e) {
        silent++;
        if (silent == all.size()) {
          throw e;
        }
        LOG.log(Level.WARNING, "host.not_listed host=" + host.name() + " code=" + e.code());
      }
    }
    return found;
  }

  @Override
  public void discard(Found found) throws InterruptedException {
    Host host = host(found.handle());
    UUID agentId = UUID.fromString(found.handle().path("agent").asText());
    if (found.instanceId().isPresent()) {
      names.remove(hosts.shell(host), agentId);
      if (!host.rootless()) {
        hosts.original(host).wipe(found.instanceId().get());
      }
      hosts.on(host).destroy(agentId, found.instanceId().get());
    }
  }

  private Placed placed(Order order) {
    return placed(order.handle());
  }

  private Placed placed(ObjectNode handle) {
    if (!Placed.in(handle)) {
      throw new ProviderException(
          "not_provisioned", "The agent has no place on a machine yet.", false, null);
    }
    return new Placed(host(handle), Placed.place(handle));
  }

  private Host host(ObjectNode handle) {
    return HostStore.find(database.dsl(), Placed.host(handle))
        .orElseThrow(
            () -> new ProviderException("no_host", "The machine is not registered.", false, null));
  }
}
