package ai.liberclaw.agent.policy;

import ai.liberclaw.core.config.EnvReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;

/**
 * What one agent's tools may do, and how long a question about a call waits.
 *
 * @param approvalTime after which a question nobody answered counts as refused
 */
public record PolicySettings(ToolPolicy policy, Duration approvalTime) {
  private static final Logger LOG = System.getLogger(PolicySettings.class.getName());

  private static final int APPROVAL_SECONDS_DEFAULT = 900;

  /** Reads the variables; problems are left in the reader. */
  public static PolicySettings fromEnv(EnvReader read) {
    PolicyMode mode =
        PolicyMode.of(
            read.text(
                "TOOL_POLICY",
                PolicyMode.FULL_AUTO.wireName(),
                "what tools may do unasked: full-auto, auto-read, ask-before-write,"
                    + " ask-before-shell, locked-down"));
    if (mode == PolicyMode.UNKNOWN) {
      LOG.log(Level.ERROR, "policy.unknown variable=TOOL_POLICY effect=every_tool_is_refused");
    }
    List<String> allowlist =
        read.list("TOOL_ALLOWLIST", List.of(), "the only tools there are; empty for all");
    List<String> denylist = read.list("TOOL_DENYLIST", List.of(), "tools that may never run");
    List<ToolRule> rules =
        read.optional(
                "TOOL_RULES", "JSON list of {\"tool\",\"match\",\"action\"}, before the policy")
            .map(json -> ToolRules.read(json, problem -> read.problem("TOOL_RULES", problem)))
            .orElse(List.of());
    Duration time =
        read.seconds(
            "APPROVAL_TIMEOUT",
            APPROVAL_SECONDS_DEFAULT,
            1,
            "time to answer a question about a tool call");
    return new PolicySettings(new ToolPolicy(mode, allowlist, denylist, rules), time);
  }
}
