package ai.liberclaw.agent.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HealthTest {
  @TempDir Path folder;

  @Test
  void healthSaysWhatTheAgentCanDoAndANewBootEachStart() throws IOException {
    String first = bootId();
    assertNotEquals(first, bootId());
  }

  private String bootId() throws IOException {
    try (TestAgent agent = TestAgent.start(folder, Map.of("AGENT_NAME", "Ada"));
        RawResponse response = agent.get("/health")) {
      JsonNode health = response.json();
      assertEquals("ok", health.path("status").asText());
      assertEquals("Ada", health.path("agent_name").asText());
      assertEquals(10, health.path("version").asInt());
      String capabilities = health.path("capabilities").toString();
      for (String one :
          List.of("queue", "resume", "deltas", "tool_results", "approvals", "channels")) {
        assertTrue(capabilities.contains('"' + one + '"'), capabilities);
      }
      assertTrue(Set.of("user", "bubblewrap", "weak").contains(health.path("sandbox").asText()));
      return UUID.fromString(health.path("boot_id").asText()).toString();
    }
  }
}
