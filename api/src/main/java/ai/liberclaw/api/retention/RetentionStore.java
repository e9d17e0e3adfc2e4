package ai.liberclaw.api.retention;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.BUDGETS;
import static ai.liberclaw.db.platform.Tables.BUDGET_LIMITS;
import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENTS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENT_LOGS;
import static ai.liberclaw.db.platform.Tables.IDEMPOTENCY_KEYS;
import static ai.liberclaw.db.platform.Tables.MAGIC_LINKS;
import static ai.liberclaw.db.platform.Tables.MAIL_OUTBOX;
import static ai.liberclaw.db.platform.Tables.MODEL_USAGE;
import static ai.liberclaw.db.platform.Tables.OAUTH_CODES;
import static ai.liberclaw.db.platform.Tables.OAUTH_STATES;
import static ai.liberclaw.db.platform.Tables.PENDING_OUTBOX;
import static ai.liberclaw.db.platform.Tables.PERSONAL_ACCESS_TOKENS;
import static ai.liberclaw.db.platform.Tables.RATE_LIMIT_BUCKETS;
import static ai.liberclaw.db.platform.Tables.SESSIONS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static ai.liberclaw.db.platform.Tables.WALLET_CHALLENGES;

import ai.liberclaw.deploy.budget.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** How long rows are kept once they are of no more use. */
final class RetentionStore {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration TOKENS_KEPT = Duration.ofDays(30);
  private static final Duration LOGS_KEPT = Duration.ofDays(30);
  private static final Duration ACTIVITY_KEPT = Duration.ofDays(90);
  private static final int METERS_KEPT_MONTHS = 13;

  /** Rows that go. */
  record Rule(Table<?> table, Condition which) {}

  List<Rule> rules(Instant now) {
    Instant dayAgo = now.minus(DAY);
    Instant weekAgo = now.minus(WEEK);
    Instant tokensUntil = now.minus(TOKENS_KEPT);
    Instant logsUntil = now.minus(LOGS_KEPT);
    LocalDate meteredUntil =
        LocalDate.ofInstant(now, ZoneOffset.UTC).minusMonths(METERS_KEPT_MONTHS);
    return List.of(
        new Rule(RATE_LIMIT_BUCKETS, RATE_LIMIT_BUCKETS.EXPIRES_AT.lt(now)),
        // A revoked session is what tells a stolen token, for as long as that token lives.
        new Rule(SESSIONS, SESSIONS.EXPIRES_AT.lt(weekAgo)),
        new Rule(MAGIC_LINKS, MAGIC_LINKS.EXPIRES_AT.lt(dayAgo).or(MAGIC_LINKS.USED_AT.lt(dayAgo))),
        // Their owner sees an expired one for as long.
        new Rule(
            PERSONAL_ACCESS_TOKENS,
            PERSONAL_ACCESS_TOKENS
                .REVOKED_AT
                .lt(tokensUntil)
                .or(PERSONAL_ACCESS_TOKENS.EXPIRES_AT.lt(tokensUntil))),
        new Rule(WALLET_CHALLENGES, WALLET_CHALLENGES.EXPIRES_AT.lt(dayAgo)),
        new Rule(OAUTH_STATES, OAUTH_STATES.EXPIRES_AT.lt(dayAgo)),
        new Rule(OAUTH_CODES, OAUTH_CODES.EXPIRES_AT.lt(dayAgo)),
        new Rule(IDEMPOTENCY_KEYS, IDEMPOTENCY_KEYS.CREATED_AT.lt(dayAgo)),
        new Rule(MAIL_OUTBOX, MAIL_OUTBOX.ENDED_AT.lt(weekAgo)),
        // A while, because an agent that did not hear our receipt offers the same row again.
        new Rule(PENDING_OUTBOX, PENDING_OUTBOX.DELIVERED_AT.lt(weekAgo)),
        new Rule(CHAT_TURN_LEASES, CHAT_TURN_LEASES.LEASE_UNTIL.lt(dayAgo)),
        new Rule(
            ACTIVITY_EVENTS,
            ACTIVITY_EVENTS
                .CREATED_AT
                .lt(weekAgo)
                .and(
                    ACTIVITY_EVENTS
                        .IS_PUBLIC
                        .isTrue()
                        .or(ACTIVITY_EVENTS.CREATED_AT.lt(now.minus(ACTIVITY_KEPT))))),
        new Rule(MODEL_USAGE, MODEL_USAGE.DAY.lt(meteredUntil)),
        new Rule(
            BUDGETS,
            BUDGETS.STARTS_ON.lt(meteredUntil).or(ofNobody(BUDGETS.SCOPE, BUDGETS.SUBJECT))),
        new Rule(BUDGET_LIMITS, ofNobody(BUDGET_LIMITS.SCOPE, BUDGET_LIMITS.SUBJECT)),
        new Rule(
            DEPLOYMENT_LOGS,
            DEPLOYMENT_LOGS
                .AT
                .lt(logsUntil)
                .and(
                    DEPLOYMENT_LOGS.DEPLOYMENT_ID.in(
                        DSL.select(DEPLOYMENTS.ID)
                            .from(DEPLOYMENTS)
                            .where(DEPLOYMENTS.ENDED_AT.lt(logsUntil))))));
  }

  /** What is kept of an agent or a user who is gone. */
  private static Condition ofNobody(Field<String> scope, Field<String> subject) {
    return scope
        .eq(Scope.AGENT.key())
        .andNotExists(DSL.selectOne().from(AGENTS).where(AGENTS.ID.cast(String.class).eq(subject)))
        .or(
            scope
                .eq(Scope.USER.key())
                .andNotExists(
                    DSL.selectOne().from(USERS).where(USERS.ID.cast(String.class).eq(subject))));
  }

  /**
   * @return rows deleted, at most as many as asked for
   */
  int delete(DSLContext sql, Rule rule, int rowsMax) {
    return sql.deleteFrom(rule.table()).where(rule.which()).limit(rowsMax).execute();
  }
}
