package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.ProcessWatch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One agent's whole life, in which whoever works on it dies at every boundary there is, once at
 * each, while another agent of the same place is left alone.
 */
@ExtendWith(PlatformExtension.class)
public abstract class CrashMatrix {
  private static final Duration JOB_TIME_MAX = Duration.ofMinutes(3);

  /** Boundaries of every provider; each has more of its own. */
  private static final Set<String> CREATE =
      Set.of("after-provisioning", "configured", "after-environment", "after-health", "succeeding");

  private static final Set<String> UPDATE =
      Set.of(
          "after-allocation",
          "configured",
          "after-environment",
          "settled",
          "after-health",
          "succeeding");

  private static final Set<String> RETURN =
      Set.of("abandoning", "reverted", "abandoned", "failing");

  private static final Set<String> REBUILD =
      Set.of("destroyed", "after-provisioning", "configured", "after-health", "succeeding");

  private static final Set<String> DESTROY = Set.of("destroyed", "succeeding");

  private final Deaths deaths = Deaths.ofThreads();
  private final Set<String> secrets = new HashSet<>();
  private ProviderUnderTest world;
  private Provider provider;
  private CrashPlane plane;
  private UUID owner;
  private UUID agent;

  @SuppressWarnings("NullAway.Init")
  protected CrashMatrix() {}

  /** Makes the provider; the test closes it. */
  protected abstract ProviderUnderTest world(PlatformDatabase database, Path directory)
      throws Exception;

  @Test
  void oneAgentIsLeftWhereverItsWorkersDie(Platform platform, @TempDir Path directory)
      throws Exception {
    try (ProviderUnderTest made = world(platform.database(), directory);
        ProcessWatch processes = ProcessWatch.start()) {
      world = made;
      provider = made.provider();
      world.release("v1");
      try (CrashPlane opened = new CrashPlane(platform.database(), provider, deaths)) {
        plane = opened;
        owner = TestPlane.user(platform.database(), "pro");
        life();
      }
      if (!world.keyInEnvironment()) {
        assertEquals(List.of(), processes.mentioning(ProviderUnderTest.KEY));
      }
      assertEquals(List.of(), processes.mentioning("PRIVATE KEY"));
      for (String secret : secrets) {
        assertEquals(List.of(), processes.mentioning(secret));
      }
    }
  }

  private void life() throws Exception {
    UUID neighbour = plane.agents.create(owner, TestPlane.draft("Bob")).id();
    await(neighbour, "succeeded");
    Health before = provider.health(plane.instance(neighbour).handle());

    deaths.everywhereBut(neighbour);
    agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    await(agent, "succeeded");
    died("create", CREATE);
    assertEquals(Set.of("v1"), Set.copyOf(starts()));
    inside("echo mine > \"$DATA/workspace/note\"");

    world.release("v2");
    deaths.everywhere(agent, List.of());
    assertTrue(plane.agents.redeploy(owner, agent).isPresent());
    await(agent, "succeeded");
    List<String> updating = died("update", UPDATE);
    assertEquals("v2", starts().getLast());
    assertEquals("v1", starts().getFirst());
    assertEquals("mine\n", inside("cat \"$DATA/workspace/note\""));

    world.release("broken");
    deaths.everywhere(agent, updating);
    assertTrue(plane.agents.redeploy(owner, agent).isPresent());
    await(agent, "failed");
    died("return", RETURN);
    assertEquals("v2", starts().getLast());
    assertEquals("mine\n", inside("cat \"$DATA/workspace/note\""));

    world.release("v2");
    deaths.everywhere(agent, List.of());
    assertTrue(plane.agents.rebuild(owner, agent).isPresent());
    await(agent, "succeeded");
    died("rebuild", REBUILD);
    assertEquals(Set.of("v2"), Set.copyOf(starts()));
    assertEquals("", inside("ls \"$DATA/workspace\" | grep note || :"));

    deaths.everywhere(agent, List.of());
    assertTrue(plane.agents.delete(owner, agent));
    Await.until("nothing is left of it", JOB_TIME_MAX, () -> plane.rows(agent) == 0);
    report("destroy", DESTROY);
    plane.reconcile();
    assertEquals(List.of(), world.left(agent));
    assertEquals(0, world.running(agent));

    assertEquals(1, provider.inventory().size());
    Health after = provider.health(plane.instance(neighbour).handle());
    assertEquals(before.bootId(), after.bootId(), "the other agent was never touched");
    assertTrue(plane.agents.delete(owner, neighbour));
    Await.until("all is gone", JOB_TIME_MAX, () -> plane.rows(neighbour) == 0);
    plane.reconcile();
    assertEquals(List.of(), provider.inventory());
  }

  /** There is one agent, it runs and is known to, and nothing else is left of the deaths. */
  private List<String> died(String what, Set<String> least) throws Exception {
    List<String> places = report(what, least);
    Instance instance = plane.instance(agent);
    assertTrue(provider.started(instance.handle()));
    Health health = provider.health(instance.handle());
    assertTrue(health.answers());
    assertEquals(instance.bootId(), health.bootId());
    assertEquals(1, world.running(agent), what);
    AgentEndpoint endpoint = plane.agents.endpoint(owner, agent).orElseThrow();
    assertTrue(endpoint.running(), what);
    secrets.add(endpoint.secret());
    plane.reconcile();
    assertEquals(2, provider.inventory().size(), what);
    assertEquals(health.bootId(), provider.health(instance.handle()).bootId(), what);
    return places;
  }

  private List<String> report(String what, Set<String> least) {
    List<String> places = deaths.over(agent);
    System.err.printf("%s %s: %d deaths %s%n", provider.name(), what, places.size(), places);
    assertTrue(places.containsAll(least), () -> what + " died only at " + places);
    return places;
  }

  private void await(UUID who, String outcome) {
    Await.until(
        "the deployment has " + outcome,
        JOB_TIME_MAX,
        () -> {
          String now = plane.outcome(who);
          if (!now.isEmpty() && !now.equals(outcome)) {
            throw new AssertionError("the deployment has " + now);
          }
          return now.equals(outcome);
        });
    assertEquals("running", plane.agents.find(owner, who).orElseThrow().status());
  }

  private List<String> starts() {
    return inside("cat \"$DATA/agent.db\"")
        .lines()
        .map(line -> line.replace("started by ", ""))
        .toList();
  }

  private String inside(String script) {
    return world.inside(plane.instance(agent), script);
  }
}
