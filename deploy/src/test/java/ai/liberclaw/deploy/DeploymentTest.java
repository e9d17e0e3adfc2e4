package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentChanges;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.progress.Progress;
import ai.liberclaw.deploy.progress.StepStatus;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class DeploymentTest {
  @TempDir Path data;
  @TempDir Path releases;
  TestPlane plane;
  UUID owner;

  @BeforeEach
  void start(Platform platform) {
    plane = new TestPlane(platform.database(), data, StandInAgent.release(releases));
    owner = TestPlane.user(platform.database(), "free");
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  @Test
  void c6AnAgentRunsWithExactlyItsSettingsAndNoSecretShows() throws Exception {
    Agent agent = plane.agents.create(owner, TestPlane.draft("Ada"));
    assertEquals("pending", agent.status());
    plane.awaitStatus(owner, agent.id(), "running");

    AgentEndpoint endpoint = plane.agents.endpoint(owner, agent.id()).orElseThrow();
    assertTrue(endpoint.running() && endpoint.way() == AgentAddress.Way.OPENED_HERE);
    assertEquals(43, endpoint.secret().length());
    Path home = plane.directory(agent.id());
    assertEquals(
        new TreeSet<>(
            Set.of(
                "AGENT_NAME",
                "SYSTEM_PROMPT_B64",
                "MODEL",
                "MODEL_PROVIDER",
                "LIBERTAI_API_BASE_URL",
                "LIBERTAI_SEARCH_BASE_URL",
                "INFERENCE_RETRIES",
                "LIBERTAI_API_KEY",
                "AGENT_SECRET_HASH",
                "OWNER_CHAT_ID",
                "HEARTBEAT_INTERVAL",
                "AGENT_RUNTIME",
                "AGENT_RELEASE",
                "HOST",
                "PORT",
                "DB_PATH",
                "WORKSPACE_PATH",
                "HOME",
                "TMPDIR",
                "PATH",
                "LANG",
                "LC_ALL")),
        new TreeSet<>(Files.readAllLines(home.resolve("names"))));
    assertEquals(
        agent.systemPrompt(),
        new String(
            Base64.getDecoder().decode(Files.readString(home.resolve("prompt"))),
            StandardCharsets.UTF_8));
    assertEquals(Set.of("git", "sql"), names(home.resolve("workspace/skills")));
    assertEquals("rwx--x--x", permissions(home));
    assertEquals("rw-------", permissions(home.resolve("agent.log")));

    String arguments = Processes.arguments(StandInAgent.starts(home).getLast());
    assertFalse(arguments.contains(endpoint.secret()), arguments);
    String token =
        new AgentTokens(TestPlane.KEYS).mint(new AgentToken(agent.id(), owner, agent.generation()));
    assertFalse(arguments.contains(token), arguments);
    assertEquals(List.of(), Processes.mentioning(endpoint.secret()));

    Progress progress = plane.agents.status(owner, agent.id()).orElseThrow().progress();
    assertEquals(6, progress.steps().size());
    assertTrue(progress.steps().stream().allMatch(s -> s.status() == StepStatus.DONE));
    assertEquals("Not needed", progress.steps().get(1).detail().orElseThrow());
    assertEquals(
        List.of(
            "Preparing a place for the agent",
            "Writing settings and skills",
            "Starting the agent",
            "Waiting for the agent to answer",
            "Agent is running"),
        progress.logs().stream().map(line -> line.message()).toList());
  }

  @Test
  void aDeletedAgentLeavesNoProcessNoDirectoryAndNoRow() {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    assertTrue(plane.agents.delete(owner, agent));
    assertFalse(plane.agents.delete(owner, agent));
    TestPlane.await(Duration.ofSeconds(15), () -> plane.rows() == 0);
    assertFalse(Files.exists(plane.directory(agent)));
    assertEquals(List.of(), Processes.mentioning(plane.directory(agent).toString()));
  }

  @Test
  void a11AnAgentDeletedWhileItIsDeployedLeavesNothing() {
    for (int pause : List.of(0, 20, 60, 150, 400)) {
      UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
      pause(pause);
      assertTrue(plane.agents.delete(owner, agent));
      TestPlane.await(Duration.ofSeconds(15), () -> plane.rows() == 0);
      assertFalse(Files.exists(plane.directory(agent)), "after " + pause + " ms");
      assertEquals(List.of(), Processes.mentioning(plane.directory(agent).toString()));
    }
  }

  @Test
  void c7ARedeployBringsNewSettingsToTheSamePlace() throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    AgentEndpoint before = plane.agents.endpoint(owner, agent).orElseThrow();
    Path home = plane.directory(agent);
    Path note = Files.writeString(home.resolve("workspace/note"), "mine");
    Path own = Files.createDirectories(home.resolve("workspace/skills/own"));
    plane.agents.change(
        owner,
        agent,
        new AgentChanges(
            Optional.of("Bob"),
            Optional.of("new"),
            Optional.empty(),
            Optional.of(List.of("weather")),
            Optional.empty()));

    Agent deploying = plane.agents.redeploy(owner, agent).orElseThrow();
    assertEquals("deploying", deploying.status());
    assertEquals(before.base().map(Object::toString), deploying.vmUrl());
    plane.awaitStatus(owner, agent, "running");

    assertEquals("bmV3", Files.readString(home.resolve("prompt")));
    assertEquals(Set.of("weather", "own"), names(home.resolve("workspace/skills")));
    assertTrue(Files.exists(note) && Files.exists(own));
    assertEquals(before.secret(), plane.agents.endpoint(owner, agent).orElseThrow().secret());
    assertEquals(2, StandInAgent.starts(home).size());
    assertEquals(1, marked(agent));
  }

  @Test
  void b20ARebuildStartsOverWithAnotherSecret() throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    AgentEndpoint before = plane.agents.endpoint(owner, agent).orElseThrow();
    Path note = Files.writeString(plane.directory(agent).resolve("workspace/note"), "mine");

    Agent rebuilt = plane.agents.rebuild(owner, agent).orElseThrow();
    assertEquals("pending", rebuilt.status());
    assertEquals(Optional.empty(), rebuilt.vmUrl());
    plane.awaitStatus(owner, agent, "running");

    assertFalse(Files.exists(note));
    assertNotEquals(before.secret(), plane.agents.endpoint(owner, agent).orElseThrow().secret());
    assertEquals(1, marked(agent));
  }

  @Test
  void a10RebuildsInTheMiddleOfOneAnotherLeaveOnePlace() throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        var _ = threads.submit(() -> plane.agents.rebuild(owner, agent).orElseThrow());
      }
    }
    plane.awaitStatus(owner, agent, "running");
    TestPlane.await(
        Duration.ofSeconds(15),
        () -> plane.database.dsl().fetchCount(org.jooq.impl.DSL.table("instances")) == 1);
    assertEquals(1, marked(agent));
    assertEquals(5, plane.agents.find(owner, agent).orElseThrow().generation());
  }

  @Test
  void anAgentThatCannotStartFailsWithAReasonAndCanBeDeployedLater() throws Exception {
    Files.delete(releases.resolve("agent.jar"));
    Files.createFile(releases.resolve("agent.jar"));
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "failed");
    Progress progress = plane.agents.status(owner, agent).orElseThrow().progress();
    assertTrue(progress.steps().stream().anyMatch(s -> s.status() == StepStatus.FAILED));
    assertEquals("The agent ended while it was starting.", progress.logs().getLast().message());
    assertEquals(0, marked(agent));

    StandInAgent.release(releases);
    plane.agents.redeploy(owner, agent);
    plane.awaitStatus(owner, agent, "running");
  }

  private int marked(UUID agent) {
    return Processes.mentioning(plane.directory(agent).toString()).size();
  }

  private static String permissions(Path file) throws IOException {
    return java.nio.file.attribute.PosixFilePermissions.toString(
        Files.getPosixFilePermissions(file));
  }

  private static Set<String> names(Path directory) throws Exception {
    try (var files = Files.list(directory)) {
      return new TreeSet<>(files.map(f -> f.getFileName().toString()).toList());
    }
  }

  private static void pause(int millis) {
    // Any moment will do: the test wants several of them.
    java.util.concurrent.locks.LockSupport.parkNanos(millis * 1_000_000L);
  }
}
