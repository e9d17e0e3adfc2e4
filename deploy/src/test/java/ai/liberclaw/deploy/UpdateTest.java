package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.AgentChanges;
import ai.liberclaw.deploy.agent.AgentUpdates;
import ai.liberclaw.deploy.agent.AgentUpdates.Outcome.Queued;
import ai.liberclaw.deploy.progress.Progress;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An update goes well, or leaves the agent as it was. */
@ExtendWith(PlatformExtension.class)
class UpdateTest {
  @TempDir Path data;
  @TempDir Path releases;
  TestPlane plane;
  UUID owner;
  UUID agent;
  Path home;

  @BeforeEach
  void start(Platform platform) {
    plane = new TestPlane(platform.database(), data, StandInAgent.release(releases));
    owner = TestPlane.user(platform.database(), "free");
    agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    home = plane.directory(agent);
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  @Test
  void anUpdateBringsTheCurrentReleaseAndLetsGoOfTheOldOne() throws Exception {
    String first = row("release");
    StandInAgent.release(releases, "second");
    plane.agents.redeploy(owner, agent);
    plane.awaitStatus(owner, agent, "running");

    assertEquals("first\nsecond\n", database());
    assertNotEquals(first, row("release"));
    assertEquals(first, row("previous_release"));
    assertFalse(Files.exists(home.resolve("aside")));
    assertEquals(1, Processes.mentioning(home.toString()).size());
  }

  @Test
  void anUpdateThatFailsReturnsToReleaseSettingsAndDatabase() throws Exception {
    String first = row("release");
    String prompt = Files.readString(home.resolve("prompt"));
    StandInAgent.release(releases, "broken");
    plane.agents.change(
        owner,
        agent,
        new AgentChanges(
            Optional.empty(),
            Optional.of("new"),
            Optional.empty(),
            Optional.of(List.of("weather")),
            Optional.empty()));
    plane.agents.redeploy(owner, agent);
    assertEquals("deploying", plane.status(owner, agent));
    plane.awaitStatus(owner, agent, "running");

    // What the broken one did to the file is undone.
    assertEquals("first\nfirst\n", database());
    assertEquals(prompt, Files.readString(home.resolve("prompt")));
    assertTrue(Files.exists(home.resolve("workspace/skills/git")));
    assertFalse(Files.exists(home.resolve("workspace/skills/weather")));
    assertEquals(first, row("release"));
    assertFalse(Files.exists(home.resolve("aside")));
    assertEquals(1, Processes.mentioning(home.toString()).size());
    Progress progress = plane.agents.status(owner, agent).orElseThrow().progress();
    List<String> log = progress.logs().stream().map(Progress.LogLine::message).toList();
    assertTrue(log.contains("The agent ended while it was starting."), log.toString());
    assertEquals("The agent runs again as before the update", log.getLast());
    assertEquals(List.of("complete", "health_check"), history());

    // The next one is as any other.
    StandInAgent.release(releases, "third");
    plane.agents.redeploy(owner, agent);
    plane.awaitStatus(owner, agent, "running");
    assertEquals("first\nfirst\nthird\n", database());
    assertEquals("bmV3", Files.readString(home.resolve("prompt")));
  }

  @Test
  void anAgentThatIsNotTouchedGoesOnAsItWas() throws Exception {
    long pid = StandInAgent.starts(home).getLast();
    assertTrue(
        plane.database.transaction(
                sql -> AgentUpdates.queue(sql, agent, Optional.of("0123456789abcdef")))
            instanceof Queued);
    assertEquals("deploying", plane.status(owner, agent));
    plane.awaitStatus(owner, agent, "running");

    assertEquals(List.of(pid), StandInAgent.starts(home));
    assertTrue(ProcessHandle.of(pid).orElseThrow().isAlive());
    assertEquals(List.of("complete", "redeploy_code"), history());
  }

  @Test
  void anUpdateOfAnAgentThatHadFailedHasNothingToReturnTo() {
    StandInAgent.release(releases, "broken");
    plane.agents.rebuild(owner, agent);
    plane.awaitStatus(owner, agent, "failed");
    plane.agents.redeploy(owner, agent);
    plane.awaitStatus(owner, agent, "deploying");
    plane.awaitStatus(owner, agent, "failed");
    assertEquals(0, Processes.mentioning(home.toString()).size());
  }

  @Test
  void aRestartedAgentKeepsItsReleaseWhateverBecomesOfTheServers() throws Exception {
    StandInAgent.release(releases, "broken");
    long pid = StandInAgent.starts(home).getLast();
    assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
    TestPlane.await(Duration.ofSeconds(15), () -> StandInAgent.starts(home).size() == 2);
    TestPlane.await(
        Duration.ofSeconds(15), () -> Processes.mentioning(home.toString()).size() == 1);
    // It writes a moment after it has started.
    Await.until(
        "the same release started again",
        Duration.ofSeconds(15),
        () -> database().equals("first\nfirst\n"));
  }

  private String database() throws IOException {
    return Files.readString(home.resolve("agent.db"));
  }

  private String row(String column) {
    return String.valueOf(
        plane
            .database
            .dsl()
            .select(DSL.field(DSL.name(column)))
            .from("instances")
            .where("agent_id = {0}", DSL.val(agent))
            .fetchOne(0));
  }

  private List<String> history() {
    return plane
        .database
        .dsl()
        .fetch(
            "select step from deployment_history where agent_id = {0} order by created_at",
            DSL.val(agent))
        .getValues(0, String.class);
  }
}
