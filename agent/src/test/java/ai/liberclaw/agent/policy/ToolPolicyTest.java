package ai.liberclaw.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ToolPolicyTest {
  private static final Tool READ = new Named("read_file", true, false);
  private static final Tool WRITE = new Named("write_file", false, false);
  private static final Tool BASH = new Named("bash", false, true);

  /** A mode, and what becomes of a reading tool, a writing one and a shell. */
  private record Row(String mode, String read, String write, String bash) {}

  @Test
  void eachModeLetsItsToolsRun() {
    for (Row row :
        List.of(
            new Row("full-auto", "allow", "allow", "allow"),
            new Row("auto-read", "allow", "deny", "deny"),
            new Row("ask-before-write", "allow", "ask", "ask"),
            new Row("ask-before-shell", "allow", "allow", "ask"),
            new Row("locked-down", "deny", "deny", "deny"),
            new Row("Full-Auto ", "allow", "allow", "allow"),
            new Row("yolo", "deny", "deny", "deny"))) {
      ToolPolicy policy = policy(Map.of("TOOL_POLICY", row.mode));
      assertEquals(row.read, verdict(policy, READ, "{}"), row.mode);
      assertEquals(row.write, verdict(policy, WRITE, "{}"), row.mode);
      assertEquals(row.bash, verdict(policy, BASH, "{}"), row.mode);
      assertEquals(!row.write.equals("deny"), policy.offers(WRITE), row.mode);
    }
  }

  @Test
  void listsNarrowAndTheDenyListWins() {
    ToolPolicy allowed = policy(Map.of("TOOL_ALLOWLIST", "bash, read_*"));
    assertEquals("allow", verdict(allowed, READ, "{}"));
    assertEquals("deny", verdict(allowed, WRITE, "{}"));
    assertFalse(allowed.offers(WRITE));
    ToolPolicy denied =
        policy(
            Map.of(
                "TOOL_ALLOWLIST", "bash",
                "TOOL_DENYLIST", "bash",
                "TOOL_RULES", "[{\"tool\":\"*\",\"action\":\"allow\"}]"));
    assertEquals("deny", verdict(denied, BASH, "{}"));
    assertFalse(denied.offers(BASH));
    assertEquals("allow", verdict(denied, WRITE, "{}"), "a rule comes before the allow list");
  }

  @Test
  void theFirstRuleThatFitsDecides() {
    ToolPolicy policy =
        policy(
            Map.of(
                "TOOL_POLICY",
                "locked-down",
                "TOOL_RULES",
                """
                [{"tool":"bash","match":{"command":"git *"},"action":"allow"},
                 {"tool":"bash","match":{"command":"rm ?*","timeout":"60"},"action":"deny"},
                 {"tool":"ba*","action":"ask"},
                 {"tool":"write_file","match":{"path":"notes/*"},"action":"allow"}]
                """));
    assertEquals("allow", verdict(policy, BASH, "{\"command\":\"git status\\ngit log\"}"));
    assertEquals("deny", verdict(policy, BASH, "{\"command\":\"rm x\",\"timeout\":60}"));
    assertEquals("ask", verdict(policy, BASH, "{\"command\":\"rm x\"}"));
    assertEquals("ask", verdict(policy, BASH, "{\"command\":\" git status\"}"));
    assertEquals("allow", verdict(policy, WRITE, "{\"path\":\"notes/a\"}"));
    assertEquals("deny", verdict(policy, WRITE, "{\"path\":\"a\"}"));
    assertEquals("deny", verdict(policy, WRITE, "{}"));
    assertTrue(policy.offers(BASH) && policy.offers(WRITE));
    assertFalse(policy.offers(READ));
  }

  @Test
  void aToolThatARuleForbidsAltogetherIsNotOffered() {
    String rules =
        "[{\"tool\":\"bash\",\"action\":\"deny\"},{\"tool\":\"bash\",\"action\":\"allow\"}]";
    assertFalse(policy(Map.of("TOOL_RULES", rules)).offers(BASH));
    String some = "[{\"tool\":\"bash\",\"match\":{\"command\":\"x\"},\"action\":\"deny\"}]";
    assertTrue(policy(Map.of("TOOL_RULES", some)).offers(BASH));
  }

  @Test
  void everyProblemOfTheRulesIsNamedAndNothingOfTheirText() {
    String rules =
        """
        [7, {"tool":"","action":"allow"}, {"tool":"bash","action":"maybe-secret"},
         {"tool":"bash","matches":{},"action":"ask"}, {"tool":"bash","match":[],"action":"ask"},
         {"tool":"bash","match":{"command":1},"action":"ask"}]
        """;
    String text = problems(Map.of("TOOL_RULES", rules, "APPROVAL_TIMEOUT", "soon"));
    for (String part :
        List.of(
            "rule 1 must",
            "rule 2: tool",
            "rule 3: action",
            "rule 4 has a field",
            "rule 5: match",
            "rule 6: each pattern",
            "APPROVAL_TIMEOUT")) {
      assertTrue(text.contains(part), part + " in " + text);
    }
    assertFalse(text.contains("secret"), text);
    assertTrue(problems(Map.of("TOOL_RULES", "{")).contains("not valid JSON"));
    assertTrue(problems(Map.of("TOOL_RULES", "{}")).contains("JSON list"));
    String many = "[" + "{\"tool\":\"a\",\"action\":\"ask\"},".repeat(500) + "1]";
    assertTrue(problems(Map.of("TOOL_RULES", many)).contains("more than 500"));
  }

  @Test
  void aPatternFitsTheWholeTextInLittleTime() {
    assertTrue(new Glob("*").matches(""));
    assertTrue(new Glob("a*c*").matches("abcbc"));
    assertTrue(new Glob("a?c").matches("a.c"));
    assertFalse(new Glob("a?c").matches("ac"));
    assertFalse(new Glob("git").matches("git "));
    assertFalse(new Glob("").matches("x"));
    assertTrue(new Glob("[x].*").matches("[x].y"));
    long start = System.nanoTime();
    assertFalse(new Glob("*a".repeat(30) + "b").matches("a".repeat(20_000)));
    assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 2000);
  }

  private static ToolPolicy policy(Map<String, String> variables) {
    EnvReader read = new EnvReader(variables);
    ToolPolicy policy = PolicySettings.fromEnv(read).policy();
    read.throwIfProblems();
    return policy;
  }

  private static String problems(Map<String, String> variables) {
    EnvReader read = new EnvReader(variables);
    PolicySettings ignored = PolicySettings.fromEnv(read);
    return String.join("\n", assertThrows(ConfigException.class, read::throwIfProblems).problems());
  }

  private static String verdict(ToolPolicy policy, Tool tool, String arguments) {
    return switch (policy.verdict(tool, (ObjectNode) Json.parse(arguments))) {
      case Verdict.Allow _ -> "allow";
      case Verdict.Ask _ -> "ask";
      case Verdict.Deny _ -> "deny";
    };
  }

  private record Named(String name, boolean readOnly, boolean shell) implements Tool {
    @Override
    public ToolDefinition definition() {
      return new ToolDefinition(name, name, Json.object());
    }

    @Override
    public ToolResult call(ObjectNode arguments, ToolContext context) {
      return ToolResult.text("");
    }
  }
}
