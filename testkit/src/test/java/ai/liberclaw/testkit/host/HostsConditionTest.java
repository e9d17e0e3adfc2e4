package ai.liberclaw.testkit.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

class HostsConditionTest {
  private static final Optional<String> PROBLEM = Optional.of("tests on hosts want podman");

  @Test
  void whereAToolIsMissingATestIsSkippedWithTheReason() {
    ConditionEvaluationResult result = HostsCondition.evaluate("Some test", PROBLEM, false);
    assertTrue(result.isDisabled());
    assertEquals(PROBLEM, result.getReason());
  }

  @Test
  void inCiAMissingToolIsAFailure() {
    AssertionError e =
        assertThrows(
            AssertionError.class, () -> HostsCondition.evaluate("Some test", PROBLEM, true));
    assertTrue(String.valueOf(e.getMessage()).contains("want podman"));
  }

  @Test
  void whereAllIsThereATestRuns() {
    assertFalse(HostsCondition.evaluate("Some test", Optional.empty(), true).isDisabled());
  }
}
