package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process. */
final class MainTest {
  @TempDir Path folder;

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc")
  void w3ItsEnvironmentBlockHoldsNoSecretOnceItRuns() throws Exception {
    Map<String, String> variables =
        Map.of(
            "BRAVE_API_KEY",
            "brave-key-for-tests",
            "AGENT_NAME",
            "Ada-for-tests",
            "MCP_SERVERS",
            "[{\"name\":\"s\",\"command\":\"cat\",\"env\":{\"K\":\"mcp-key-for-tests\"}}]");
    try (ChildAgent agent = ChildAgent.start(folder, variables)) {
      String block =
          Files.readString(
              Path.of("/proc", Long.toString(agent.pid()), "environ"), StandardCharsets.ISO_8859_1);
      assertTrue(block.contains("Ada-for-tests"));
      assertFalse(block.contains(TestAgent.SECRET));
      assertFalse(block.contains("brave-key-for-tests"));
      assertFalse(block.contains("mcp-key-for-tests"));
      try (RawResponse answer = agent.request("GET", "/pending", "")) {
        assertEquals(200, answer.status());
      }
    }
  }

  @Test
  void w20NoSecretOfARequestIsLogged() throws Exception {
    try (ChildAgent agent = ChildAgent.start(folder)) {
      for (String secret : List.of(TestAgent.SECRET, "a-wrong-guess", "caf\u00e9\u00ff\u0080")) {
        Map<String, String> header = Map.of("Authorization", "Bearer " + secret);
        for (String path : List.of("/pending", "/nowhere", "/files/" + TestAgent.SECRET)) {
          try (RawResponse answer = RawResponse.send(agent.port(), "GET", path, header, "")) {
            boolean known = secret.equals(TestAgent.SECRET);
            assertEquals(known, answer.status() != 401, path);
            assertTrue(answer.status() < 500, path);
          }
        }
      }
      agent.terminate();
      String log = agent.log();
      assertTrue(log.contains("agent.started"), log);
      assertFalse(log.contains(TestAgent.SECRET), log);
      assertFalse(log.contains("a-wrong-guess"), log);
      assertFalse(log.contains("caf"), log);
    }
  }

  @Test
  void aSignalEndsItInOrder() throws Exception {
    try (ChildAgent agent = ChildAgent.start(folder)) {
      assertEquals(143, agent.terminate());
      assertTrue(agent.log().contains("agent.stopped"), agent.log());
    }
  }
}
