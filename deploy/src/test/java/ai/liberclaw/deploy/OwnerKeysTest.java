package ai.liberclaw.deploy;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whose model key an agent's process gets. */
@ExtendWith(PlatformExtension.class)
class OwnerKeysTest {
  /** Of this run alone: other processes of this machine are looked through for them. */
  private static final String OLDER = "sk-older-" + UUID.randomUUID();

  private static final String NEWER = "sk-newer-" + UUID.randomUUID();

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
  void c18AnOwnersNewestActiveKeyIsUsedInsteadOfTheOperatorsFromTheNextDeploymentOn()
      throws Exception {
    UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
    plane.awaitStatus(owner, agent, "running");
    assertEquals(TestPlane.MODEL_KEY, modelKey(agent));

    store(OLDER, true, 3);
    store(NEWER, true, 2);
    store("sk-owner-retired-key-0123456789", false, 1);
    // One that was sealed with a key nobody has any more is no reason to fail.
    insert("unreadable", "not a token", true, 0);
    redeploy(agent);
    assertEquals(NEWER, modelKey(agent));
    assertFalse(environment(agent).contains(TestPlane.MODEL_KEY));
    assertNowhereBut(agent, NEWER);

    plane.database.dsl().execute("delete from api_keys where label <> {0}", val(OLDER));
    redeploy(agent);
    assertEquals(OLDER, modelKey(agent));

    UUID other = TestPlane.user(plane.database, "free");
    UUID others = plane.agents.create(other, TestPlane.draft("Bob")).id();
    plane.awaitStatus(other, others, "running");
    assertEquals(TestPlane.MODEL_KEY, modelKey(others));

    plane.database.dsl().execute("delete from api_keys");
    redeploy(agent);
    assertEquals(TestPlane.MODEL_KEY, modelKey(agent));
  }

  private void redeploy(UUID agent) {
    assertTrue(plane.agents.redeploy(owner, agent).isPresent());
    plane.awaitStatus(owner, agent, "running");
  }

  private void store(String key, boolean active, int age) {
    insert(key, TestPlane.KEYS.encrypt(key), active, age);
  }

  private void insert(String label, String sealed, boolean active, int age) {
    plane
        .database
        .dsl()
        .execute(
            "insert into api_keys (id, user_id, label, encrypted_key, is_active, created_at)"
                + " values (gen_random_uuid(), {0}, {1}, {2}, {3},"
                + " now() - {4} * interval '1 minute')",
            val(owner), val(label), val(sealed), val(active), val(age));
  }

  /** As the agent's process was given it. */
  private String modelKey(UUID agent) throws IOException {
    List<String> keys =
        Stream.of(environment(agent).split("\0", -1))
            .filter(line -> line.startsWith("LIBERTAI_API_KEY="))
            .toList();
    assertEquals(1, keys.size());
    return keys.getFirst().substring(keys.getFirst().indexOf('=') + 1);
  }

  private String environment(UUID agent) throws IOException {
    long pid = StandInAgent.starts(plane.directory(agent)).getLast();
    return Files.readString(
        Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
  }

  private void assertNowhereBut(UUID agent, String key) throws IOException {
    Path home = plane.directory(agent);
    long pid = StandInAgent.starts(home).getLast();
    assertEquals(List.of(pid), Processes.mentioning(key));
    assertFalse(Processes.arguments(pid).contains(key));
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(Files.readString(file).contains(key), file.toString());
      }
    }
    for (String table : List.of("instances", "deployments", "deployment_logs", "agents")) {
      String rows = plane.database.dsl().fetch("select * from " + table).toString();
      assertFalse(rows.contains(key), table);
    }
    assertFalse(
        plane.agents.status(owner, agent).orElseThrow().progress().logs().toString().contains(key));
  }
}
