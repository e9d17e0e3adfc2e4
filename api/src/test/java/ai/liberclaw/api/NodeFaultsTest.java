package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.aleph.NodeChoice;
import ai.liberclaw.deploy.aleph.NodeStore;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What servers tell each other of nodes that failed. */
@ExtendWith(Postgres.Extension.class)
class NodeFaultsTest {
  @Test
  void d2ANodeThatFailedOneServerIsAvoidedByAllForAWhile(Postgres postgres) throws Exception {
    String bad = "https://" + UUID.randomUUID() + ".example.org";
    String full = "https://" + UUID.randomUUID() + ".example.org";
    String url = postgres.migratedDatabase();
    try (PlatformDatabase one = PlatformDatabase.open(url);
        PlatformDatabase two = PlatformDatabase.open(url)) {
      NodeStore.avoid(one.dsl(), bad, "not_started", Duration.ofMinutes(10));
      NodeStore.avoid(one.dsl(), full, "full", Duration.ofMillis(300));
      assertTrue(NodeStore.avoided(two.dsl()).contains(bad));
      assertTrue(NodeStore.avoided(two.dsl()).contains(full));

      // The longer time counts, whoever noted it.
      NodeStore.avoid(two.dsl(), bad, "full", Duration.ofMillis(300));
      Thread.sleep(500);
      assertTrue(NodeStore.avoided(one.dsl()).contains(bad));
      assertFalse(NodeStore.avoided(one.dsl()).contains(full));
      NodeStore.purge(two.dsl());
      assertTrue(NodeStore.avoided(one.dsl()).contains(bad));

      NodeStore.count(one.dsl(), bad, false);
      NodeStore.count(two.dsl(), bad, false);
      NodeStore.count(two.dsl(), bad, true);
      assertEquals(
          new NodeChoice.History(1, 2),
          Objects.requireNonNull(NodeStore.records(one.dsl()).get(bad)));
    }
  }
}
