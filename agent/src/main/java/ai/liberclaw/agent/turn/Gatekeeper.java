package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.approval.ApprovalDesk;
import ai.liberclaw.agent.policy.ToolPolicy;
import java.time.Duration;

/**
 * What stands between a model's calls and the tools of one agent.
 *
 * @param policy holds for every turn, whatever its own may add
 * @param desk where people are asked
 * @param approvalTime how long a question waits for its answer
 */
public record Gatekeeper(ToolPolicy policy, ApprovalDesk desk, Duration approvalTime) {}
