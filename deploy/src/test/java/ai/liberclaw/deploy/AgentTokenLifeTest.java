package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which token an agent has for models, from its first deployment to its end. */
@ExtendWith(PlatformExtension.class)
class AgentTokenLifeTest {
  private static final AgentTokens TOKENS = new AgentTokens(TestPlane.KEYS);

  private static final Duration SOON = Duration.ofSeconds(30);

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
  void eachDeploymentThatGoesWellEndsTheTokensBeforeIt() throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    assertEquals(new AgentToken(agent, owner, 1), token(agent));
    assertEquals(1, accepted(agent));
    assertEquals(
        "http://127.0.0.1:9/api/v1/inference/v1", variable(agent, "LIBERTAI_API_BASE_URL"));
    assertEquals("openai", variable(agent, "MODEL_PROVIDER"));

    redeploy(agent);
    assertEquals(new AgentToken(agent, owner, 2), token(agent));
    assertEquals(2, accepted(agent));
    assertNowhereButWithTheAgent(agent, TOKENS.mint(token(agent)));
  }

  @Test
  void anUpdateThatIsTakenBackLeavesTheFormerTokenGood() throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    StandInAgent.release(releases, "broken");
    assertTrue(plane.agents.redeploy(owner, agent).isPresent());
    plane.awaitStatus(owner, agent, "running");
    TestPlane.await(
        SOON,
        () -> {
          try {
            return token(agent).generation() == 1 && accepted(agent) == 1;
          } catch (IOException e) {
            return false;
          }
        });
    assertEquals(2, generation(agent));
  }

  @Test
  void aRebuildEndsThemAtOnceAndWithTheAgentAllEnd() throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    plane.closeWorker();
    assertTrue(plane.agents.rebuild(owner, agent).isPresent());
    assertEquals(2, accepted(agent), "before anything of it was done");
    assertTrue(plane.agents.delete(owner, agent));
    assertEquals(0, plane.database.dsl().fetchCount(DSL.table("agents"), DSL.condition("true")));
  }

  @Test
  void anAgentPlacedBeforeThereWereTokensHasOneOfGenerationNoneFromItsNextStart() throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    plane.database.dsl().execute("update instances set handle = handle #- '{settings,generation}'");
    plane.database.dsl().execute("update agents set inference_generation = 0");
    long pid = StandInAgent.starts(plane.directory(agent)).getLast();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    TestPlane.await(
        SOON,
        () -> {
          try {
            return StandInAgent.starts(plane.directory(agent)).size() == 2
                && token(agent).generation() == 0;
          } catch (IOException e) {
            return false;
          }
        });
    redeploy(agent);
    assertEquals(2, token(agent).generation());
    assertEquals(2, accepted(agent));
  }

  private void redeploy(UUID agent) {
    assertTrue(plane.agents.redeploy(owner, agent).isPresent());
    plane.awaitStatus(owner, agent, "running");
  }

  /** As the agent's process was given it. */
  private AgentToken token(UUID agent) throws IOException {
    return TOKENS.read(variable(agent, "LIBERTAI_API_KEY")).orElseThrow();
  }

  private String variable(UUID agent, String name) throws IOException {
    long pid = StandInAgent.starts(plane.directory(agent)).getLast();
    String environment =
        Files.readString(
            Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
    return Stream.of(environment.split("\0", -1))
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }

  /** The oldest generation whose tokens open the gateway. */
  private long accepted(UUID agent) {
    return number("select inference_generation from agents where id = {0}", agent);
  }

  private long generation(UUID agent) {
    return number("select generation from agents where id = {0}", agent);
  }

  private long number(String query, UUID agent) {
    return plane.database.dsl().fetchOne(query, DSL.val(agent)).get(0, Long.class);
  }

  private void assertNowhereButWithTheAgent(UUID agent, String token) throws IOException {
    Path home = plane.directory(agent);
    long pid = StandInAgent.starts(home).getLast();
    assertEquals(List.of(pid), Processes.mentioning(token));
    assertFalse(Processes.arguments(pid).contains(token));
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(Files.readString(file).contains(token), file.toString());
      }
    }
    for (String table : List.of("instances", "deployments", "deployment_logs", "agents")) {
      String rows = plane.database.dsl().fetch("select * from " + table).toString();
      assertFalse(rows.contains(token), table);
    }
  }
}
