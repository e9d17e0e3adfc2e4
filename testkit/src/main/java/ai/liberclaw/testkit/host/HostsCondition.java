package ai.liberclaw.testkit.host;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips, or fails in CI, where {@link HostTools} lack something. */
final class HostsCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> problem = HostTools.problem();
    if (problem.isEmpty()) {
      return ConditionEvaluationResult.enabled("root, Podman and debootstrap are there");
    }
    if (HostTools.inCi()) {
      throw new AssertionError("in CI this is no reason to skip: " + problem.get());
    }
    // Surefire's summary counts skipped tests but does not say why.
    System.err.println("skipped " + context.getDisplayName() + ": " + problem.get());
    return ConditionEvaluationResult.disabled(problem.get());
  }
}
