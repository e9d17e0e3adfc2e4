package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.testkit.architecture.HouseRules;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may see whom in the API server, and what may not be on its class path. */
final class ArchitectureTest {
  private static final JavaClasses API = HouseRules.imported("ai.liberclaw.api");

  @Test
  void packagesFormNoCycle() {
    HouseRules.noPackageCycles(API, "ai.liberclaw.api");
  }

  @Test
  void onlyStoresTouchTables() {
    HouseRules.onlyStoresTouchTables(API);
  }

  @Test
  void theApiKnowsAgentsByTheirWireAlone() {
    HouseRules.moduleArrows(API);
    for (String name : List.of("ai.liberclaw.agent.Main", "ai.liberclaw.db.agent.Tables")) {
      assertThrows(ClassNotFoundException.class, () -> Class.forName(name), name);
    }
  }

  @Test
  void workRunsOnVirtualThreads() {
    HouseRules.noPlatformThreadPools(API);
  }
}
