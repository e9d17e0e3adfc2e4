package ai.liberclaw.agent.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokensTest {
  @Test
  void w26OtherScriptsCountForMoreThanLatin() {
    assertTrue(Tokens.guess("漢字".repeat(100)) > 2 * Tokens.guess("ab".repeat(100)));
  }

  @Test
  void w26CallsAndToolSchemasAreCounted() {
    String arguments = "{\"command\":\"" + "x".repeat(4_000) + "\"}";
    assertTrue(
        Tokens.guess(new Message.Assistant("", List.of(new ToolCall("1", "bash", arguments))))
            > 1_000);
    ObjectNode schema = Json.object().put("description", "y".repeat(4_000));
    assertTrue(Tokens.guess(List.of(new ToolDefinition("bash", "runs", schema))) > 1_000);
  }

  @Test
  void w26TheRatioFollowsWhatTheProviderReports() {
    Tokens tokens = new Tokens();
    tokens.observed(1_000, 3_000);
    assertEquals(3_000, tokens.of(1_000));
    for (int i = 0; i < 30; i++) {
      tokens.observed(1_000, 1_500);
    }
    assertEquals(1_500, tokens.of(1_000), 5);
    assertEquals(1_000, tokens.guessFor(1_500), 5);
  }

  @Test
  void absurdReportsHaveBounds() {
    Tokens tokens = new Tokens();
    tokens.observed(0, 10);
    tokens.observed(10, 0);
    tokens.observed(1, 1_000_000);
    assertEquals(8_000, tokens.of(1_000));
  }

  @Test
  void aRefusalMakesTheWindowSmallerForGoodOnceTheRatioIsKnown() {
    Tokens tokens = new Tokens();
    tokens.observed(1_000, 1_000);
    tokens.refused(1_000, 2_000);
    assertEquals(2_000, tokens.of(1_000));
    tokens.observed(1_000, 1_000);
    assertEquals(2_000, tokens.of(1_000));
  }

  @Test
  void windowsAreLookedUpByModel() {
    assertEquals(98_304, ContextLimits.windowTokensOf("Qwen3-Coder-Next"));
    assertEquals(131_072, ContextLimits.windowTokensOf("glm-4.7"));
    assertEquals(32_768, ContextLimits.windowTokensOf("something-else"));
    assertEquals(5_000, ContextLimits.of("glm-4.7", 6_000, 1_000, 100, 20).budgetTokens());
    assertEquals(127_035, ContextLimits.of("glm-4.7", 0, 4_037, 100, 20).budgetTokens());
  }

  @Test
  void fewerRowsAreKeptTheFullerTheRequest() {
    ContextLimits limits = ContextLimits.of("glm-4.7", 0, 4_096, 100, 20);
    assertEquals(20, limits.keepRows(0.2));
    assertEquals(20, limits.keepRows(0.75));
    assertEquals(13, limits.keepRows(0.875));
    assertEquals(6, limits.keepRows(1));
    assertEquals(6, limits.keepRows(3));
  }
}
