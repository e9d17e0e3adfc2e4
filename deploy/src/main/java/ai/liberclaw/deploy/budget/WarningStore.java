package ai.liberclaw.deploy.budget;

import static ai.liberclaw.db.platform.Tables.BUDGETS;
import static ai.liberclaw.db.platform.Tables.BUDGET_LIMIT_OF;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.val;
import static org.jooq.impl.DSL.when;

import ai.liberclaw.db.platform.tables.BudgetLimitOf;
import ai.liberclaw.db.platform.tables.records.BudgetsRecord;
import ai.liberclaw.deploy.activity.ActivityStore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jspecify.annotations.Nullable;

/** Looks for budgets that are nearly spent, or all. */
final class WarningStore {
  private static final BudgetLimitOf LIMIT =
      BUDGET_LIMIT_OF(
              BUDGETS.SCOPE,
              BUDGETS.SUBJECT,
              // Users have the limits of their tier; of another scope this is not asked.
              LimitStore.tier(),
              BUDGETS.PERIOD)
          .as("limit_of");

  private WarningStore() {}

  /**
   * Those of agents and users that nobody has been told of; they are marked as told: with the time
   * while something is left, and with the end of the period once all is spent.
   */
  static List<Warnings.Near> owners(DSLContext tx, Instant now, int max) {
    List<Warnings.Near> near =
        near(tx, now)
            .and(BUDGETS.SCOPE.in(Scope.AGENT.key(), Scope.USER.key()))
            .and(BUDGETS.WARNED_AT.isNull().or(spent().and(BUDGETS.WARNED_AT.lt(end(now)))))
            .orderBy(BUDGETS.SCOPE, BUDGETS.SUBJECT, BUDGETS.PERIOD, BUDGETS.STARTS_ON)
            .limit(max)
            .forUpdate()
            .of(BUDGETS)
            // Calls lock them in no order of ours; those they hold now are told next time.
            .skipLocked()
            .fetch(WarningStore::read);
    near.forEach(each -> told(tx, each, now));
    return near;
  }

  /**
   * One that refuses calls, if it is nearly spent and nobody has been told that it is; it is marked
   * as if all were.
   */
  static Optional<Warnings.Near> refusing(
      DSLContext tx, Scope scope, String subject, Period period, Instant now) {
    Optional<Warnings.Near> near =
        near(tx, now)
            .and(BUDGETS.SCOPE.eq(scope.key()))
            .and(BUDGETS.SUBJECT.eq(subject))
            .and(BUDGETS.PERIOD.eq(period.key()))
            .and(BUDGETS.WARNED_AT.isNull().or(BUDGETS.WARNED_AT.lt(period.end(now))))
            .forUpdate()
            .of(BUDGETS)
            .fetchOptional(row -> read(row).refusing());
    near.ifPresent(each -> told(tx, each, now));
    return near;
  }

  private static void told(DSLContext tx, Warnings.Near near, Instant now) {
    tx.update(BUDGETS)
        .set(BUDGETS.WARNED_AT, near.exhausted() ? near.period().end(now) : now)
        .where(BUDGETS.SCOPE.eq(near.scope().key()))
        .and(BUDGETS.SUBJECT.eq(near.subject()))
        .and(BUDGETS.PERIOD.eq(near.period().key()))
        .and(BUDGETS.STARTS_ON.eq(near.period().start(now)))
        .execute();
  }

  /** Those of tiers and the site. */
  static List<Warnings.Near> shared(DSLContext sql, Instant now) {
    return near(sql, now)
        .and(BUDGETS.SCOPE.in(Scope.TIER.key(), Scope.SITE.key()))
        .fetch(WarningStore::read);
  }

  static void userEvent(DSLContext tx, UUID userId, String event, ObjectNode facts) {
    if (tx.fetchExists(USERS, USERS.ID.eq(userId))) {
      ActivityStore.ownEvent(tx, userId, null, event, facts);
    }
  }

  private static SelectConditionStep<Record> near(DSLContext sql, Instant now) {
    Condition current = noCondition();
    for (Period period : Period.values()) {
      current =
          current.or(BUDGETS.PERIOD.eq(period.key()).and(BUDGETS.STARTS_ON.eq(period.start(now))));
    }
    return sql.select()
        .from(BUDGETS)
        .leftJoin(USERS)
        .on(BUDGETS.SCOPE.eq(Scope.USER.key()).and(BUDGETS.SUBJECT.eq(USERS.ID.cast(String.class))))
        .crossJoin(lateral(LIMIT))
        .where(current)
        .and(
            near(BUDGETS.SPENT_NANODOLLARS, LIMIT.NANODOLLARS)
                .or(near(BUDGETS.SPENT_TOKENS, LIMIT.TOKENS))
                .or(near(BUDGETS.SPENT_REQUESTS, LIMIT.REQUESTS)));
  }

  private static Condition spent() {
    return BUDGETS
        .SPENT_NANODOLLARS
        .ge(LIMIT.NANODOLLARS)
        .or(BUDGETS.SPENT_TOKENS.ge(LIMIT.TOKENS))
        .or(BUDGETS.SPENT_REQUESTS.ge(LIMIT.REQUESTS));
  }

  /** When a budget's period ends. */
  private static Field<Instant> end(Instant now) {
    return when(BUDGETS.PERIOD.eq(Period.DAY.key()), val(Period.DAY.end(now)))
        .otherwise(val(Period.MONTH.end(now)));
  }

  /** Four fifths, rounded up, without multiplying a limit that may be near the largest number. */
  private static Condition near(Field<Long> spent, Field<Long> limit) {
    return spent.gt(0L).and(spent.ge(limit.minus(limit.div(5L))));
  }

  private static Warnings.Near read(Record row) {
    BudgetsRecord budget = row.into(BUDGETS);
    List<Warnings.Near> units = new ArrayList<>();
    add(units, budget, Unit.NANODOLLARS, budget.getSpentNanodollars(), row.get(LIMIT.NANODOLLARS));
    add(units, budget, Unit.TOKENS, budget.getSpentTokens(), row.get(LIMIT.TOKENS));
    add(units, budget, Unit.REQUESTS, budget.getSpentRequests(), row.get(LIMIT.REQUESTS));
    return units.stream()
        .max(
            Comparator.comparing(Warnings.Near::exhausted)
                .thenComparingLong(Warnings.Near::percent))
        .orElseThrow();
  }

  private static void add(
      List<Warnings.Near> units,
      BudgetsRecord budget,
      Unit unit,
      long spent,
      @Nullable Long limit) {
    if (limit != null) {
      units.add(
          new Warnings.Near(
              Scope.of(budget.getScope()),
              budget.getSubject(),
              Period.of(budget.getPeriod()),
              unit,
              limit,
              spent,
              false));
    }
  }
}
