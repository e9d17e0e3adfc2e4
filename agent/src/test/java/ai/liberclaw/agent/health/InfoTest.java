package ai.liberclaw.agent.health;

import static ai.liberclaw.db.agent.Tables.MODEL_USAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.db.sqlite.AgentDatabase;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfoTest {
  @TempDir Path folder;

  @Test
  void infoTellsFrontEndsWhatTheAgentHas() throws IOException {
    try (TestAgent agent =
            TestAgent.start(folder, Map.of("AGENT_NAME", "Ada", "HEARTBEAT_INTERVAL", "60"));
        RawResponse response = agent.get("/info")) {
      JsonNode info = response.json();
      assertEquals("Ada", info.path("agent_name").asText());
      assertEquals(10, info.path("agent_version").asInt());
      assertEquals(3, info.path("api_version").asInt());
      assertEquals("offline-demo", info.path("model").asText());
      assertTrue(info.path("has_system_prompt").asBoolean());
      assertTrue(info.path("capabilities").toString().contains("\"resume\""));
      assertTrue(info.path("tools").toString().contains("\"spawn\""));
      assertTrue(info.path("unavailable_tools").path("web_search").asText().contains("BRAVE"));
      assertEquals(60, info.path("heartbeat_interval").asInt());
      JsonNode health = info.path("runtime_health");
      assertEquals("ok", health.path("database").asText());
      assertEquals("ok", health.path("workspace").asText());
      assertEquals("enabled", health.path("heartbeat").asText());
      assertEquals("disabled", health.path("mcp").asText());
      assertEquals("full-auto", info.path("tool_policy").path("mode").asText());
      for (String name :
          List.of(
              "workspace_tree",
              "subagents",
              "subagent_detail",
              "tool_gating",
              "tool_result_events",
              "tool_metadata",
              "runtime_health",
              "mcp_health",
              "runtime_events",
              "context_injection_scanner",
              "tool_policy",
              "coding_task_runtime",
              "file_watchers",
              "browser")) {
        assertTrue(info.path("features").path(name).isBoolean(), name);
      }
      for (JsonNode tool : info.path("tool_metadata")) {
        boolean reads = tool.path("name").asText().startsWith("read_");
        assertTrue(tool.path("available").isBoolean() && tool.has("unavailable_reason"));
        assertTrue(!reads || !tool.path("mutating").asBoolean(), tool.toString());
      }
    }
  }

  @Test
  void modelCallsBesideATurnsOwnStepsAreCounted() throws IOException {
    try (ModelServer model = ModelServer.start()) {
      Map<String, String> variables = new HashMap<>(TestAgent.asking(model));
      variables.putAll(Map.of("MAX_HISTORY", "4", "COMPACTION_KEEP_MESSAGES", "2"));
      try (TestAgent agent = TestAgent.start(folder, variables)) {
        agent.sayToTheEnd("c", "hello");
        agent.sayToTheEnd("c", "/tool search_history {\"query\":\"hello\",\"summarize\":true}");
        int steps = 3;
        assertEquals(steps + 2, model.requests().size(), "what was found, and the history");
        assertUsage(agent, steps + 2);
      }
    }
  }

  private static void assertUsage(TestAgent agent, int calls) throws IOException {
    try (RawResponse response = agent.get("/info")) {
      JsonNode total = response.json().path("usage").path("total");
      assertEquals(calls, total.path("calls").asInt());
      assertEquals(100 * calls, total.path("prompt_tokens").asInt());
    }
  }

  @Test
  void theBrowserIsToldOfWhereTheOwnerWantsIt() throws IOException {
    for (boolean wanted : List.of(true, false)) {
      Map<String, String> variables = Map.of("BROWSER_ENABLED", Boolean.toString(wanted));
      try (TestAgent agent = TestAgent.start(folder.resolve("browser-" + wanted), variables);
          RawResponse response = agent.get("/info")) {
        JsonNode info = response.json();
        assertEquals(wanted, info.path("features").path("browser").asBoolean());
        assertEquals(wanted, info.path("capabilities").toString().contains("\"browser\""));
        assertEquals(!wanted, info.path("unavailable_tools").has("browser"));
      }
    }
  }

  @Test
  void usageIsSummedAndToldByDay() {
    LocalDate today = LocalDate.of(2026, 11, 21);
    try (AgentDatabase database = AgentDatabase.open(folder.resolve("agent.db"))) {
      for (int daysAgo : List.of(0, 1, 100)) {
        database
            .dsl()
            .insertInto(MODEL_USAGE)
            .set(MODEL_USAGE.DAY, today.minusDays(daysAgo).toString())
            .set(MODEL_USAGE.PROVIDER, "openai")
            .set(MODEL_USAGE.MODEL, "m")
            .set(MODEL_USAGE.CALLS, 2L)
            .set(MODEL_USAGE.PROMPT_TOKENS, 100L)
            .set(MODEL_USAGE.CACHED_TOKENS, 60L)
            .set(MODEL_USAGE.COMPLETION_TOKENS, 10L)
            .execute();
      }

      JsonNode usage = new UsageFactsStore(database.dsl()).json(today);

      assertEquals(
          "{\"calls\":6,\"prompt_tokens\":300,\"cached_tokens\":180,\"completion_tokens\":30}",
          usage.path("total").toString());
      assertEquals(List.of("2026-11-21", "2026-11-20"), usage.path("days").findValuesAsText("day"));
      assertEquals(100, usage.path("days").path(0).path("prompt_tokens").asInt());
    }
  }

  @Test
  void withoutCallsUsageIsZero() {
    try (AgentDatabase database = AgentDatabase.open(folder.resolve("agent.db"))) {
      JsonNode usage = new UsageFactsStore(database.dsl()).json(LocalDate.of(2026, 11, 21));
      assertEquals(0, usage.path("total").path("calls").asInt(-1));
      assertTrue(usage.path("days").isEmpty());
    }
  }

  @Test
  void whatNobodyHasContributedIsNotThere() {
    AgentFacts facts =
        new AgentFacts()
            .capability("able")
            .capability("unable", () -> false)
            .feature("browser", () -> true);

    assertEquals(List.of("able"), facts.capabilities());
    assertEquals(BooleanNode.TRUE, facts.features().get("browser"));
    assertEquals(BooleanNode.FALSE, facts.features().get("mcp_health"));
  }
}
