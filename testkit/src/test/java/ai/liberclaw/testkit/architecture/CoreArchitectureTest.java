package ai.liberclaw.testkit.architecture;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Core cannot test itself with these rules: the testkit, which holds them, depends on it. */
class CoreArchitectureTest {
  private static JavaClasses classes;

  @BeforeAll
  static void importCore() {
    classes = HouseRules.imported("ai.liberclaw.core", "ai.liberclaw.testkit");
    assertFalse(classes.isEmpty());
  }

  @Test
  void packagesFormNoCycle() {
    HouseRules.noPackageCycles(classes, "ai.liberclaw.core");
    HouseRules.noPackageCycles(classes, "ai.liberclaw.testkit");
  }

  @Test
  void coreSeesNoOtherModule() {
    HouseRules.moduleArrows(classes);
  }

  @Test
  void theSmallPartsOfCoreKnowNoWebServer() {
    for (String part : new String[] {"json", "error", "config", "sse", "secret", "http", "retry"}) {
      HouseRules.withoutWebOrDatabase(classes, "ai.liberclaw.core." + part);
    }
  }

  @Test
  void workRunsOnVirtualThreads() {
    HouseRules.noPlatformThreadPools(classes);
  }
}
