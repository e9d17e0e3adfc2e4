package ai.liberclaw.deploy;

import ai.liberclaw.testkit.architecture.HouseRules;
import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.Test;

/** Who may see whom in the control plane. */
final class ArchitectureTest {
  private static final JavaClasses DEPLOY = HouseRules.imported("ai.liberclaw.deploy");

  @Test
  void packagesFormNoCycle() {
    HouseRules.noPackageCycles(DEPLOY, "ai.liberclaw.deploy");
  }

  @Test
  void onlyStoresTouchTables() {
    HouseRules.onlyStoresTouchTables(DEPLOY);
  }

  @Test
  void theControlPlaneKnowsNeitherAgentsNorFrontEnds() {
    HouseRules.moduleArrows(DEPLOY);
  }

  @Test
  void workRunsOnVirtualThreads() {
    HouseRules.noPlatformThreadPools(DEPLOY);
  }
}
