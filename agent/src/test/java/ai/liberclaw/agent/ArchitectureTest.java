package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.testkit.architecture.HouseRules;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may see whom in the agent, and what may not be on its class path. */
final class ArchitectureTest {
  private static final JavaClasses AGENT = HouseRules.imported("ai.liberclaw.agent");

  @Test
  void packagesFormNoCycle() {
    HouseRules.noPackageCycles(AGENT, "ai.liberclaw.agent");
  }

  @Test
  void turnsKnowNeitherHttpNorSql() {
    HouseRules.withoutWebOrDatabase(AGENT, "ai.liberclaw.agent.turn");
    HouseRules.withoutWebOrDatabase(AGENT, "ai.liberclaw.agent.context");
  }

  @Test
  void onlyStoresTouchTables() {
    HouseRules.onlyStoresTouchTables(AGENT);
  }

  @Test
  void theAgentKnowsNothingOfThePlatform() {
    HouseRules.moduleArrows(AGENT);
  }

  @Test
  void workRunsOnVirtualThreads() {
    HouseRules.noPlatformThreadPools(AGENT);
  }

  @Test
  void nothingOfThePlatformIsOnTheAgentsClassPath() {
    List<String> absent =
        List.of(
            "org.postgresql.Driver",
            "io.zonky.test.db.postgres.embedded.EmbeddedPostgres",
            "org.flywaydb.database.postgresql.PostgreSQLDatabase",
            "org.jooq.codegen.GenerationTool",
            "org.jooq.meta.Database",
            "ai.liberclaw.db.platform.Tables");
    for (String name : absent) {
      assertThrows(ClassNotFoundException.class, () -> Class.forName(name), name);
    }
  }
}
