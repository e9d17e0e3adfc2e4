package ai.liberclaw.deploy.job;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.provider.Fenced;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A deployment and its owner's delete work on the same rows; neither may wait for the other. */
@ExtendWith(PlatformExtension.class)
class LockOrderTest {
  @Test
  void aDeleteInTheMiddleOfAStepIsNeverADeadlock(Platform platform) {
    PlatformDatabase database = platform.database();
    UUID agent = UUID.randomUUID();
    database
        .dsl()
        .execute(
            "insert into agents (id, owner_id, name, system_prompt)"
                + " values ({0}, {1}, 'Ada', 'x')",
            val(agent), val(TestPlane.user(database, "free")));
    DeploymentStore.queue(database.dsl(), agent, Optional.empty(), 1, DeploymentKind.CREATE);
    Deployment job =
        DeploymentStore.claim(database.dsl(), "lease", Duration.ofMinutes(1)).orElseThrow();
    Run run = new Run(database, job, new Mask());

    CompletableFuture<Void> step = new CompletableFuture<>();
    database.transaction(sql -> {
      // The first half of a delete: the agent's row is locked.
      sql.execute("select id from agents where id = {0} for update", val(agent));
      Thread.ofVirtual()
          .start(() -> {
            try {
              run.write(tx ->
                  tx.execute(
                      "update agents set deployment_status = 'deploying' where id = {0}",
                      val(agent)));
              step.complete(null);
            } catch (RuntimeException e) {
              step.completeExceptionally(e);
            }
          });
      TestPlane.await(
          Duration.ofSeconds(10),
          () -> !database.dsl().fetch("select 1 from pg_locks where not granted").isEmpty());
      DeploymentStore.cancel(sql, agent);
      return true;
    });

    CompletionException failure =
        org.junit.jupiter.api.Assertions.assertThrows(CompletionException.class, step::join);
    assertInstanceOf(Fenced.class, failure.getCause());
    assertFalse(DeploymentStore.active(database.dsl(), agent));
  }
}
