package ai.liberclaw.deploy.progress;

import static ai.liberclaw.db.platform.Tables.DEPLOYMENTS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENT_LOGS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENT_STEPS;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.max;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Rows of steps and log lines. Every method works in the context it is given. */
public final class ProgressStore {
  /** Lines kept of one run; later ones are dropped, the last says so. */
  public static final int LINES_MAX = 500;

  /** Characters kept of one line. */
  private static final int LINE_LENGTH_MAX = 2000;

  private ProgressStore() {}

  /** All six steps, pending. */
  public static void begin(DSLContext sql, UUID deployment) {
    for (StepKey step : StepKey.values()) {
      sql.insertInto(DEPLOYMENT_STEPS)
          .set(DEPLOYMENT_STEPS.DEPLOYMENT_ID, deployment)
          .set(DEPLOYMENT_STEPS.KEY, step.key())
          .set(DEPLOYMENT_STEPS.STATUS, StepStatus.PENDING.key())
          .execute();
    }
  }

  public static void active(DSLContext sql, UUID deployment, StepKey step) {
    sql.update(DEPLOYMENT_STEPS)
        .set(DEPLOYMENT_STEPS.STATUS, StepStatus.ACTIVE.key())
        .set(DEPLOYMENT_STEPS.STARTED_AT, coalesce(DEPLOYMENT_STEPS.STARTED_AT, currentInstant()))
        .where(DEPLOYMENT_STEPS.DEPLOYMENT_ID.eq(deployment))
        .and(DEPLOYMENT_STEPS.KEY.eq(step.key()))
        .execute();
  }

  public static void done(DSLContext sql, UUID deployment, StepKey step, String detail) {
    end(sql, deployment, step, StepStatus.DONE, detail);
  }

  public static void failed(DSLContext sql, UUID deployment, StepKey step, String detail) {
    end(sql, deployment, step, StepStatus.FAILED, detail);
  }

  /** Adds a line; the caller holds the deployment's row. */
  public static void log(DSLContext sql, UUID deployment, LogLevel level, String message) {
    Integer last =
        sql.select(max(DEPLOYMENT_LOGS.SEQ))
            .from(DEPLOYMENT_LOGS)
            .where(DEPLOYMENT_LOGS.DEPLOYMENT_ID.eq(deployment))
            .fetchOne(0, Integer.class);
    int seq = last == null ? 1 : last + 1;
    if (seq > LINES_MAX) {
      return;
    }
    String text = seq == LINES_MAX ? "The log is full; later lines are not kept." : message;
    sql.insertInto(DEPLOYMENT_LOGS)
        .set(DEPLOYMENT_LOGS.DEPLOYMENT_ID, deployment)
        .set(DEPLOYMENT_LOGS.SEQ, seq)
        .set(DEPLOYMENT_LOGS.LEVEL, level.key())
        .set(
            DEPLOYMENT_LOGS.MESSAGE,
            text.length() > LINE_LENGTH_MAX ? text.substring(0, LINE_LENGTH_MAX) : text)
        .execute();
  }

  /** The last run of an agent. */
  public static Progress last(DSLContext sql, UUID agentId) {
    Optional<UUID> deployment =
        sql.select(DEPLOYMENTS.ID)
            .from(DEPLOYMENTS)
            .where(DEPLOYMENTS.AGENT_ID.eq(agentId))
            .orderBy(DEPLOYMENTS.GENERATION.desc(), DEPLOYMENTS.CREATED_AT.desc())
            .limit(1)
            .fetchOptional(DEPLOYMENTS.ID);
    return deployment.map(id -> of(sql, id)).orElseGet(Progress::none);
  }

  private static Progress of(DSLContext sql, UUID deployment) {
    List<Progress.Step> steps =
        sql
            .selectFrom(DEPLOYMENT_STEPS)
            .where(DEPLOYMENT_STEPS.DEPLOYMENT_ID.eq(deployment))
            .fetch()
            .stream()
            .flatMap(row ->
                StepKey.of(row.getKey())
                    .map(key ->
                        new Progress.Step(
                            key,
                            StepStatus.of(row.getStatus()),
                            Optional.ofNullable(row.getDetail())))
                    .stream())
            .sorted(Comparator.comparing(Progress.Step::key))
            .toList();
    List<Progress.LogLine> lines =
        sql.selectFrom(DEPLOYMENT_LOGS)
            .where(DEPLOYMENT_LOGS.DEPLOYMENT_ID.eq(deployment))
            .orderBy(DEPLOYMENT_LOGS.SEQ)
            .fetch(row ->
                new Progress.LogLine(row.getAt(), LogLevel.of(row.getLevel()), row.getMessage()));
    return new Progress(steps, lines);
  }

  private static void end(
      DSLContext sql, UUID deployment, StepKey step, StepStatus status, String detail) {
    sql.update(DEPLOYMENT_STEPS)
        .set(DEPLOYMENT_STEPS.STATUS, status.key())
        .set(DEPLOYMENT_STEPS.DETAIL, detail.isEmpty() ? null : detail)
        .set(DEPLOYMENT_STEPS.STARTED_AT, coalesce(DEPLOYMENT_STEPS.STARTED_AT, currentInstant()))
        .set(DEPLOYMENT_STEPS.ENDED_AT, currentInstant())
        .where(DEPLOYMENT_STEPS.DEPLOYMENT_ID.eq(deployment))
        .and(DEPLOYMENT_STEPS.KEY.eq(step.key()))
        .execute();
  }
}
