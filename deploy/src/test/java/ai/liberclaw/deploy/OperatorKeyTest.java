package ai.liberclaw.deploy;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.Agent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An agent beside the server sees no model key: not the operator's, not its owner's. */
@ExtendWith(PlatformExtension.class)
class OperatorKeyTest {
  @Test
  void nothingThatAnAgentOfThisMachineCanSeeHoldsAModelKey(
      Platform platform, @TempDir Path directory) throws Exception {
    Path release = StandInAgent.release(directory.resolve("release"));
    try (OperatorPlane operator =
        new OperatorPlane(
            platform.database(),
            directory,
            "process",
            Map.of("LIBERCLAW_AGENT_DIR", release.toString()))) {
      Agent agent = operator.deployed();
      Path home = directory.resolve("data/agents").resolve(agent.id().toString());
      long pid = StandInAgent.starts(home).getLast();
      operator.assertNoKeyIn(
          Files.readString(
              Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1),
          operator.token(agent));
      operator.assertNoKeyHere(agent);
    }
  }
}
