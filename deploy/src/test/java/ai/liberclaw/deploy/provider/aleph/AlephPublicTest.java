package ai.liberclaw.deploy.provider.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.ProviderPlane;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.host.proxy.LocalCaddy;
import ai.liberclaw.deploy.host.proxy.PublicClient;
import ai.liberclaw.deploy.host.proxy.PublicClient.Event;
import ai.liberclaw.deploy.pool.PoolSettings;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.aleph.AlephNetwork;
import ai.liberclaw.testkit.aleph.Machines;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.OnHosts;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Agents on real Debian machines of the network, by their public names, and from the pool. */
@OnHosts
@ExtendWith(PlatformExtension.class)
final class AlephPublicTest {
  private static final Duration DEPLOYED = Duration.ofSeconds(90);
  private static final Duration CLAIM_TIME_MAX = Duration.ofSeconds(5);
  private static final double LOAD_MAX = 1.5;
  private static final int EVENTS = 5;

  @TempDir private Path store;
  @TempDir private Path workshop;
  @TempDir private Path caddy;
  private final Platform platform;
  private AlephLab lab;

  @SuppressWarnings("NullAway.Init")
  AlephPublicTest(Platform platform) {
    this.platform = platform;
  }

  @BeforeEach
  void open() throws Exception {
    platform
        .database()
        .dsl()
        .execute("truncate cluster_tasks, circuit_breakers, pool_demand, rate_limit_buckets");
    lab =
        new AlephLab(
            platform.database(),
            store,
            AlephNetwork.start(Machines.debian(), 1),
            AlephLab.NAMED,
            Map.of(),
            Optional.of(LocalCaddy.proxy(caddy)));
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** Weakness 27: names and certificates come when they come, and may go. */
  @Test
  void anAgentIsReachedByItsNameAndWithoutItWhileThereIsNone() throws Exception {
    lab.release(workshop, "v1");
    lab.network.gateway().nameTime(Duration.ofHours(1));
    try (ProviderPlane plane = plane(ProviderPlane.noPool())) {
      UUID owner = plane.user("pro");
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id(), DEPLOYED);
      Instance nameless = instance(plane, owner, agent);
      assertEquals(InstanceState.DEGRADED, nameless.state());
      assertInstanceOf(Endpoint.Tunnel.class, nameless.endpoint().orElseThrow());
      assertTrue(url(plane, owner, agent).startsWith("ssh://"), "the agent works all the same");

      lab.network.gateway().nameTime(Duration.ZERO);
      lab.provider.watchNames();
      String name =
          lab.network
              .gateway()
              .name(MachineHandle.of(nameless.id(), nameless.handle()).hash().orElseThrow());
      assertPublic(plane, owner, agent, name);

      int port = lab.network.gateway().tls().port();
      List<Event> events = PublicClient.events(port, name, "POST /chat", EVENTS);
      assertEquals(EVENTS, events.size());
      long gap = PublicClient.shortestGap(events);
      assertTrue(gap > 150, "events come together: " + gap + " ms apart");

      lab.network.gateway().tls().silent(true);
      lab.provider.watchNames();
      assertEquals(InstanceState.DEGRADED, instance(plane, owner, agent).state());
      assertInstanceOf(
          Endpoint.Tunnel.class, instance(plane, owner, agent).endpoint().orElseThrow());
      lab.network.gateway().tls().silent(false);
      lab.provider.watchNames();
      assertPublic(plane, owner, agent, name);

      Release next = lab.release(workshop, "v2");
      plane.agents.redeploy(owner, agent.id());
      plane.awaitRunning(owner, agent.id(), DEPLOYED);
      assertPublic(plane, owner, agent, name);
      assertEquals(
          Optional.of(next.id()),
          lab.provider.health(instance(plane, owner, agent).handle()).release());
      assertEquals(200, PublicClient.status(port, name, "/health"));
      assertTrue(plane.agents.delete(owner, agent.id()));
      Await.until("all is gone", DEPLOYED, () -> plane.instances() == 0);
    }
    assertEquals(List.of(), lab.network.billed());
    assertEquals(List.of(), lab.network.machines());
    assertEquals(List.of(), lab.network.violations());
  }

  /** The agent is the real one, and is asked as its owner's app asks it: by its public name. */
  @Test
  void fromThePoolItTakesFiveSecondsAtMost() throws Exception {
    lab.built(workshop);
    PoolSettings one = ProviderPlane.pool(1, 1);
    // Nothing else starts on this machine while the time runs.
    PoolSettings onlyOne =
        new PoolSettings(true, 1, 1, one.ageMax(), one.cover(), 1, 1, 1, one.interval());
    try (ProviderPlane plane = plane(onlyOne)) {
      plane.awaitWarm(1);
      String waiting = plane.pooled("warm").iterator().next();
      UUID owner = plane.user("pro");
      double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
      long start = System.nanoTime();
      Agent agent = plane.create(owner);
      plane.awaitRunning(owner, agent.id(), DEPLOYED);
      Duration claimed = Duration.ofNanos(System.nanoTime() - start);
      Instance instance = instance(plane, owner, agent);
      assertEquals(waiting, instance.id().toString(), "it got the machine that waited");
      MachineHandle handle = MachineHandle.of(instance.id(), instance.handle());
      assertPublic(plane, owner, agent, handle.name().orElseThrow());
      assertEquals(
          200,
          PublicClient.status(
              lab.network.gateway().tls().port(), handle.name().orElseThrow(), "/health"));
      System.out.printf(
          Locale.ROOT,
          "From the pool to a healthy agent: %d ms, load %.1f%n",
          claimed.toMillis(),
          load);
      // A machine that is busy with other things would measure those.
      boolean idle = load < LOAD_MAX * Runtime.getRuntime().availableProcessors();
      assertTrue(!idle || claimed.compareTo(CLAIM_TIME_MAX) <= 0, claimed.toString());
    }
  }

  private ProviderPlane plane(PoolSettings pool) {
    return new ProviderPlane(platform.database(), lab.provider, pool, ProviderPlane.never());
  }

  private void assertPublic(ProviderPlane plane, UUID owner, Agent agent, String name) {
    Instance instance = instance(plane, owner, agent);
    assertEquals(InstanceState.RUNNING, instance.state());
    assertInstanceOf(Endpoint.Public.class, instance.endpoint().orElseThrow());
    assertEquals("https://" + name, url(plane, owner, agent));
  }

  private Instance instance(ProviderPlane plane, UUID owner, Agent agent) {
    UUID id = plane.agents.find(owner, agent.id()).orElseThrow().instanceId().orElseThrow();
    return InstanceStore.find(platform.database().dsl(), id).orElseThrow();
  }

  private static String url(ProviderPlane plane, UUID owner, Agent agent) {
    return plane.agents.find(owner, agent.id()).orElseThrow().vmUrl().orElseThrow();
  }
}
