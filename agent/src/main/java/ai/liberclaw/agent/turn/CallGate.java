package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.approval.ApprovalDesk;
import ai.liberclaw.agent.approval.CallArguments;
import ai.liberclaw.agent.approval.Question;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.policy.PolicyMode;
import ai.liberclaw.agent.policy.ToolPolicy;
import ai.liberclaw.agent.policy.Verdict;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides on the calls of one turn: the agent's policy and the turn's own, of which the stricter
 * counts, then guard rails, then what people have answered before.
 */
final class CallGate {
  private final Gatekeeper gatekeeper;
  private final Turn turn;
  private final Toolbox tools;
  private final boolean main;
  private final List<ToolPolicy> policies = new ArrayList<>();

  CallGate(Gatekeeper gatekeeper, Turn turn, TurnSetup setup) {
    this.gatekeeper = gatekeeper;
    this.turn = turn;
    this.tools = setup.tools();
    this.main = setup.main();
    policies.add(gatekeeper.policy());
    policies.add(setup.policy());
    turn.policy().ifPresent(mode -> policies.add(ToolPolicy.of(PolicyMode.of(mode))));
  }

  /** The tools that the model is offered. */
  List<ToolDefinition> offered() {
    return tools.definitions(tool -> policies.stream().allMatch(policy -> policy.offers(tool)));
  }

  /** Where people are asked. */
  ApprovalDesk desk() {
    return gatekeeper.desk();
  }

  Ruling rule(ToolCall call) {
    Optional<Tool> tool = tools.find(call.name());
    if (tool.isEmpty()) {
      return new Ruling.Run();
    }
    Optional<ObjectNode> arguments = tools.arguments(call);
    Verdict verdict = verdict(tool.get(), arguments.orElse(Json.object()));
    if (verdict instanceof Verdict.Deny(String reason, String policy)) {
      return new Ruling.Refused(
          ToolResult.error("guardrail blocked " + call.name() + ": " + reason),
          Optional.of(new TurnEvent.GuardrailBlocked(call.name(), reason, policy)));
    }
    if (arguments.isEmpty()) {
      return new Ruling.Run();
    }
    // Whoever has allowed one reason for a whole turn was not asked about the other.
    Optional<String> reason =
        Stream.concat(
                tools.guardReason(call, context(call)).stream(),
                verdict instanceof Verdict.Ask(String asked) ? Stream.of(asked) : Stream.empty())
            .filter(why -> !isCovered(call, why))
            .findFirst();
    if (reason.isEmpty()) {
      return new Ruling.Run();
    }
    return turn.approvals()
        ? new Ruling.Ask(reason.get())
        : new Ruling.Refused(ToolResult.blocked(reason.get()), Optional.empty());
  }

  /** What somebody is asked about a call. */
  Question question(ToolCall call, String reason) {
    return Question.of(
        reason, CallArguments.of(call.arguments()).hash(), gatekeeper.approvalTime());
  }

  private Verdict verdict(Tool tool, ObjectNode arguments) {
    return policies.stream()
        .map(policy -> policy.verdict(tool, arguments))
        .reduce(Verdict.ALLOW, Verdict::stricter);
  }

  private boolean isCovered(ToolCall call, String reason) {
    String hash = CallArguments.of(call.arguments()).hash();
    return gatekeeper.desk().isCovered(turn.id(), call.name(), reason, hash);
  }

  private ToolContext context(ToolCall call) {
    return new ToolContext(turn.chatId(), turn.id(), call.id(), main);
  }
}
