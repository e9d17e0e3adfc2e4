package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.AgentLogs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
final class AgentLogsTest {
  @TempDir private Path folder;

  @Test
  void anOwnerReadsWhatTheAgentWroteWithoutSecrets(Platform platform) throws Exception {
    Path release = StandInAgent.release(folder.resolve("release"));
    try (TestPlane plane = new TestPlane(platform.database(), folder.resolve("data"), release)) {
      UUID owner = TestPlane.user(platform.database(), "pro");
      UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
      Mask mask = new Mask();
      mask.register(TestPlane.MODEL_KEY);
      AgentLogs logs = plane.logs(mask);
      plane.awaitStatus(owner, agent, "running");
      assertEquals(List.of("listening as first"), logs.last(owner, agent, 10).orElseThrow());

      String secret = plane.agents.endpoint(owner, agent).orElseThrow().secret();
      Files.writeString(
          plane.directory(agent).resolve("agent.log"),
          "first\nkey %s\nsecret %s\n\u001b[31mred\tlast\n".formatted(TestPlane.MODEL_KEY, secret));
      assertEquals(
          List.of("key [redacted]", "secret [redacted]", "[31mred\tlast"),
          logs.last(owner, agent, 3).orElseThrow());
      assertTrue(logs.last(UUID.randomUUID(), agent, 3).isEmpty());

      platform.database().dsl().execute("update agents set instance_id = null");
      assertEquals(400, assertThrows(Refusal.class, () -> logs.last(owner, agent, 3)).status());
    }
  }

  @Test
  void aLongLogIsReadFromItsEnd(Platform platform) throws Exception {
    Path release = StandInAgent.release(folder.resolve("release"));
    try (TestPlane plane = new TestPlane(platform.database(), folder.resolve("data"), release)) {
      UUID owner = TestPlane.user(platform.database(), "pro");
      UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
      plane.awaitStatus(owner, agent, "running");
      Files.writeString(
          plane.directory(agent).resolve("agent.log"),
          "x".repeat(79).concat("\n").repeat(20_000) + "y".repeat(10_000) + "\nlast\n");
      List<String> read = plane.logs(new Mask()).last(owner, agent, 5000).orElseThrow();
      assertEquals(1000, read.size());
      assertEquals("last", read.getLast());
      assertEquals(4000, read.get(998).length());
    }
  }
}
