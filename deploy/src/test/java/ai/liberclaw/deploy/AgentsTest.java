package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentChanges;
import ai.liberclaw.deploy.agent.AgentDraft;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.Providers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class AgentsTest {
  @TempDir Path data;
  @TempDir Path releases;
  TestPlane plane;

  @BeforeEach
  void start(Platform platform) {
    plane = new TestPlane(platform.database(), data, StandInAgent.release(releases));
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  @Test
  void a6OfParallelCreatesAtALimitOfOneExactlyOneSucceeds() throws Exception {
    UUID guest = TestPlane.user(plane.database, "guest");
    List<String> outcomes =
        parallel(6, () -> plane.agents.create(guest, TestPlane.draft("a")).status());
    assertEquals(1, outcomes.stream().filter("pending"::equals).count(), outcomes.toString());
    assertEquals(5, outcomes.stream().filter("403 Agent limit reached (1)"::equals).count());
  }

  @Test
  void whatTheCatalogueDoesNotHaveIsRefusedAfterTheLimit() {
    UUID owner = TestPlane.user(plane.database, "free");
    assertRefused("400 Unknown template: x", owner, draft(Optional.of("x"), "p", null, List.of()));
    assertRefused(
        "400 system_prompt is required when not using a template",
        owner,
        draft(Optional.empty(), null, null, List.of()));
    assertRefused(
        "400 Unknown skills: nope, no",
        owner,
        draft(Optional.empty(), "p", null, List.of("git", "nope", "no")));
    assertRefused("400 Unknown model: gpt", owner, draft(Optional.empty(), "p", "gpt", List.of()));
    assertEquals(0, plane.rows());
  }

  @Test
  void aTemplateFillsInWhatTheDraftLeavesOpen() {
    UUID owner = TestPlane.user(plane.database, "free");
    Agent agent =
        plane.agents.create(
            owner,
            new AgentDraft(
                "n",
                Optional.empty(),
                Optional.empty(),
                Optional.of("code-reviewer"),
                Optional.empty()));
    assertEquals(List.of("git", "code-review"), agent.skills());
    assertEquals("qwen3-coder-next", agent.model());
    assertFalse(agent.systemPrompt().isBlank());
  }

  @Test
  void anotherOwnersAgentIsNotFound() {
    UUID ada = TestPlane.user(plane.database, "free");
    UUID bob = TestPlane.user(plane.database, "free");
    UUID agent = plane.agents.create(ada, TestPlane.draft("a")).id();
    assertTrue(plane.agents.find(bob, agent).isEmpty());
    assertTrue(plane.agents.change(bob, agent, name("b")).isEmpty());
    assertTrue(plane.agents.redeploy(bob, agent).isEmpty());
    assertTrue(plane.agents.rebuild(bob, agent).isEmpty());
    assertTrue(plane.agents.status(bob, agent).isEmpty());
    assertTrue(plane.agents.endpoint(bob, agent).isEmpty());
    assertFalse(plane.agents.delete(bob, agent));
    assertEquals("a", plane.agents.find(ada, agent).orElseThrow().name());
  }

  @Test
  void a10OfSimultaneousRedeploysExactlyOneIsAccepted(Platform platform) throws Exception {
    UUID owner = TestPlane.user(plane.database, "free");
    UUID agent = plane.agents.create(owner, TestPlane.draft("a")).id();
    plane.awaitStatus(owner, agent, "running");
    List<String> outcomes;
    try (PlatformDatabase second = PlatformDatabase.open(platform.url())) {
      List<Agents> servers = List.of(plane.agents, plane.agentsOver(second));
      AtomicInteger number = new AtomicInteger();
      outcomes =
          parallel(
              4,
              () ->
                  servers
                      .get(number.getAndIncrement() % 2)
                      .redeploy(owner, agent)
                      .orElseThrow()
                      .status());
    }
    assertEquals(1, outcomes.stream().filter("deploying"::equals).count(), outcomes.toString());
    assertEquals(
        3, outcomes.stream().filter("400 Agent is not in a redeployable state"::equals).count());
    plane.awaitStatus(owner, agent, "running");
  }

  @Test
  void aTiersProviderMustBeConfigured() {
    Agents without =
        plane.agentsWith(
            new Providers(List.of("process", "ssh"), Map.of("pro", "ssh"), Map.of(), "here"));
    for (String tier : List.of("pro", "free")) {
      UUID owner = TestPlane.user(plane.database, tier);
      Refusal e = assertThrows(Refusal.class, () -> without.create(owner, TestPlane.draft("a")));
      String provider = tier.equals("pro") ? "ssh" : "process";
      assertEquals(
          "503 Deployment provider " + provider + " is not configured",
          e.status() + " " + e.text());
    }
    assertEquals(0, plane.rows());
  }

  @Test
  void changesAreAllOrNothing() {
    UUID owner = TestPlane.user(plane.database, "free");
    UUID agent = plane.agents.create(owner, TestPlane.draft("a")).id();
    AgentChanges bad =
        new AgentChanges(
            Optional.of("b"),
            Optional.empty(),
            Optional.empty(),
            Optional.of(List.of("nope")),
            Optional.empty());
    assertThrows(Refusal.class, () -> plane.agents.change(owner, agent, bad));
    assertEquals("a", plane.agents.find(owner, agent).orElseThrow().name());
    AgentChanges clear =
        new AgentChanges(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(List.of()),
            Optional.empty());
    assertEquals(List.of(), plane.agents.change(owner, agent, clear).orElseThrow().skills());
  }

  private void assertRefused(String refusal, UUID owner, AgentDraft draft) {
    Refusal e = assertThrows(Refusal.class, () -> plane.agents.create(owner, draft));
    assertEquals(refusal, e.status() + " " + e.text());
  }

  private static AgentDraft draft(
      Optional<String> template,
      @org.jspecify.annotations.Nullable String prompt,
      @org.jspecify.annotations.Nullable String model,
      List<String> skills) {
    return new AgentDraft(
        "n",
        Optional.ofNullable(prompt),
        Optional.ofNullable(model),
        template,
        Optional.of(skills));
  }

  private static AgentChanges name(String name) {
    return new AgentChanges(
        Optional.of(name), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static List<String> parallel(int times, Callable<String> call) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> futures = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        futures.add(threads.submit(call));
      }
      List<String> outcomes = new ArrayList<>();
      for (Future<String> future : futures) {
        try {
          outcomes.add(future.get());
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof Refusal refusal)) {
            throw e;
          }
          outcomes.add(refusal.status() + " " + refusal.text());
        }
      }
      return outcomes;
    }
  }
}
