package ai.liberclaw.testkit.host;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips, or fails in CI, where {@link HostTools} lack something. */
final class HostsCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return evaluate(context.getDisplayName(), HostTools.problem(), HostTools.inCi());
  }

  static ConditionEvaluationResult evaluate(String test, Optional<String> problem, boolean ci) {
    if (problem.isEmpty()) {
      return ConditionEvaluationResult.enabled("root, Podman and debootstrap are there");
    }
    if (ci) {
      throw new AssertionError("in CI this is no reason to skip: " + problem.get());
    }
    // Surefire's summary counts skipped tests but does not say why.
    System.err.println("skipped " + test + ": " + problem.get());
    return ConditionEvaluationResult.disabled(problem.get());
  }
}
