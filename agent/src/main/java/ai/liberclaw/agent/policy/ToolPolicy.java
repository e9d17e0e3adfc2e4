package ai.liberclaw.agent.policy;

import ai.liberclaw.agent.policy.ToolRule.Action;
import ai.liberclaw.agent.tool.Tool;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What an owner lets tools do. The deny list comes first; then the first rule that fits a call,
 * then the allow list, then the mode.
 *
 * @param allowlist names of the only tools there are, {@code *} allowed in them; empty for all
 * @param denylist names of tools that may never run
 * @param rules in their order; the first that fits decides
 */
public record ToolPolicy(
    PolicyMode mode, List<String> allowlist, List<String> denylist, List<ToolRule> rules) {
  /** Everything may run. */
  public static final ToolPolicy OPEN = of(PolicyMode.FULL_AUTO);

  public ToolPolicy {
    allowlist = List.copyOf(allowlist);
    denylist = List.copyOf(denylist);
    rules = List.copyOf(rules);
  }

  /** A mode without lists and rules. */
  public static ToolPolicy of(PolicyMode mode) {
    return new ToolPolicy(mode, List.of(), List.of(), List.of());
  }

  /**
   * What this policy says to a call.
   *
   * @param arguments checked against the tool's definition
   */
  public Verdict verdict(Tool tool, ObjectNode arguments) {
    String name = tool.definition().name();
    if (isOn(denylist, name)) {
      return denied("the owner has put it on the deny list");
    }
    for (int i = 0; i < rules.size(); i++) {
      ToolRule rule = rules.get(i);
      if (rule.fits(name, arguments)) {
        return switch (rule.action()) {
          case ALLOW -> Verdict.ALLOW;
          case ASK -> new Verdict.Ask("rule " + (i + 1) + " of the owner asks first");
          case DENY -> denied("rule " + (i + 1) + " of the owner forbids this call");
        };
      }
    }
    return withoutRules(tool);
  }

  /** False for a tool of which no call at all could run, also not with somebody's consent. */
  public boolean offers(Tool tool) {
    String name = tool.definition().name();
    if (isOn(denylist, name)) {
      return false;
    }
    for (ToolRule rule : rules) {
      if (rule.tool().matches(name)) {
        if (rule.action() != Action.DENY) {
          return true;
        }
        if (rule.match().isEmpty()) {
          return false;
        }
      }
    }
    return !(withoutRules(tool) instanceof Verdict.Deny);
  }

  private Verdict withoutRules(Tool tool) {
    if (!allowlist.isEmpty() && !isOn(allowlist, tool.definition().name())) {
      return denied("it is not on the owner's allow list");
    }
    return mode.verdict(tool);
  }

  private Verdict denied(String reason) {
    return new Verdict.Deny(reason, mode.wireName());
  }

  private static boolean isOn(List<String> list, String name) {
    return list.stream().anyMatch(entry -> new Glob(entry).matches(name));
  }
}
