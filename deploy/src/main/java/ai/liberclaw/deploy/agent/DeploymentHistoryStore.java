package ai.liberclaw.deploy.agent;

import static ai.liberclaw.db.platform.Tables.DEPLOYMENT_HISTORY;

import java.time.Duration;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/** How deployments ended. */
final class DeploymentHistoryStore {
  private DeploymentHistoryStore() {}

  /** Adds the outcome of a deployment. */
  static void outcome(
      DSLContext sql,
      UUID agentId,
      boolean success,
      String step,
      @Nullable String error,
      Duration duration) {
    sql.insertInto(DEPLOYMENT_HISTORY)
        .set(DEPLOYMENT_HISTORY.ID, UUID.randomUUID())
        .set(DEPLOYMENT_HISTORY.AGENT_ID, agentId)
        .set(DEPLOYMENT_HISTORY.STATUS, success ? "success" : "failed")
        .set(DEPLOYMENT_HISTORY.STEP, step)
        .set(DEPLOYMENT_HISTORY.ERROR_MESSAGE, error)
        .set(DEPLOYMENT_HISTORY.DURATION_SECONDS, Math.toIntExact(duration.toSeconds()))
        .execute();
  }
}
