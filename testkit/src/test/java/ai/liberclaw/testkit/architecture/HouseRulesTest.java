package ai.liberclaw.testkit.architecture;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.broken.BreaksEveryRule;
import ai.liberclaw.agent.broken.KeepsTheRulesStore;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class HouseRulesTest {
  private final JavaClasses broken =
      new ClassFileImporter()
          .importPackages("ai.liberclaw.agent.broken", "ai.liberclaw.api.broken");

  @Test
  void aCycleOfPackagesIsFound() {
    assertFound("Cycle", classes -> HouseRules.noPackageCycles(classes, "ai.liberclaw"));
  }

  @Test
  void aWebServerInsideThePureCodeIsFound() {
    assertFound(
        "io.helidon.webserver.WebServer",
        classes -> HouseRules.withoutWebOrDatabase(classes, "ai.liberclaw.agent.broken"));
  }

  @Test
  void aTableOutsideAStoreIsFound() {
    assertFound("ai.liberclaw.db.agent.ATable", HouseRules::onlyStoresTouchTables);
  }

  @Test
  void aForbiddenModuleIsFound() {
    assertFound("ai.liberclaw.api.broken.Seen", HouseRules::moduleArrows);
  }

  @Test
  void aPoolOfPlatformThreadsIsFound() {
    assertFound("newFixedThreadPool", HouseRules::noPlatformThreadPools);
  }

  private void assertFound(String what, Consumer<JavaClasses> rule) {
    AssertionError e = assertThrows(AssertionError.class, () -> rule.accept(broken));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(what), message);
    assertTrue(message.contains(BreaksEveryRule.class.getSimpleName()), message);
    assertFalse(message.contains(KeepsTheRulesStore.class.getSimpleName()), message);
  }
}
