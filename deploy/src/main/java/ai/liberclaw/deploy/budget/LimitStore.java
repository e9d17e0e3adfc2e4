package ai.liberclaw.deploy.budget;

import static ai.liberclaw.db.platform.Tables.BUDGET_LIMITS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.function;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.when;

import ai.liberclaw.db.platform.tables.records.BudgetLimitsRecord;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** Limits of budgets. Works in the context it is given. */
final class LimitStore {
  /** Nobody else's number. */
  private static final long LOCK = 7306359;

  private LimitStore() {}

  /** These configured limits and no others, from now on. */
  static void configure(DSLContext tx, Map<LimitTarget, Map<Period, Limit>> limits) {
    // Servers that start together write one after the other.
    tx.select(function("pg_advisory_xact_lock", SQLDataType.OTHER, inline(LOCK))).execute();
    List<BudgetLimitsRecord> rows = new ArrayList<>();
    Condition known = BUDGET_LIMITS.CONFIGURED.isFalse();
    for (Map.Entry<LimitTarget, Map<Period, Limit>> each : limits.entrySet()) {
      for (Map.Entry<Period, Limit> limit : each.getValue().entrySet()) {
        rows.add(row(each.getKey(), limit.getKey(), true, limit.getValue()));
        known = known.or(is(each.getKey()).and(BUDGET_LIMITS.PERIOD.eq(limit.getKey().key())));
      }
    }
    tx.deleteFrom(BUDGET_LIMITS).where(known.not()).execute();
    for (BudgetLimitsRecord row : rows) {
      put(tx, row);
    }
  }

  /** Replaces what was set before for all periods; a period without a limit has none. */
  static void set(DSLContext tx, LimitTarget target, Map<Period, Limit> limits) {
    for (Period period : Period.values()) {
      put(tx, row(target, period, false, limits.getOrDefault(period, Limit.NONE)));
    }
  }

  /** False when nothing was set. */
  static boolean clear(DSLContext sql, LimitTarget target) {
    return sql.deleteFrom(BUDGET_LIMITS)
            .where(is(target))
            .and(BUDGET_LIMITS.CONFIGURED.isFalse())
            .execute()
        > 0;
  }

  /** What was set for one, without what is configured. */
  static Map<Period, Limit> set(DSLContext sql, LimitTarget target) {
    Map<Period, Limit> limits = new EnumMap<>(Period.class);
    sql.selectFrom(BUDGET_LIMITS)
        .where(is(target))
        .and(BUDGET_LIMITS.CONFIGURED.isFalse())
        .forEach(row -> limits.put(Period.of(row.getPeriod()), limit(row)));
    return limits;
  }

  /** All but those of agents, which are their owners'. */
  static List<Limits.Known> list(DSLContext sql) {
    return sql
        .selectFrom(BUDGET_LIMITS)
        .where(BUDGET_LIMITS.SCOPE.ne(LimitTarget.AGENT))
        .orderBy(
            BUDGET_LIMITS.SCOPE,
            BUDGET_LIMITS.SUBJECT,
            BUDGET_LIMITS.PERIOD,
            BUDGET_LIMITS.CONFIGURED)
        .stream()
        .map(row ->
            new Limits.Known(
                LimitTarget.of(row.getScope(), row.getSubject()).orElseThrow(),
                Period.of(row.getPeriod()),
                row.getConfigured(),
                limit(row)))
        .toList();
  }

  /** The tier of a row of users, by which limits are looked up; one that is not known is free. */
  static Field<String> tier() {
    return coalesce(when(USERS.TIER.in("guest", "free", "pro"), USERS.TIER), inline("free"));
  }

  private static void put(DSLContext tx, BudgetLimitsRecord row) {
    tx.insertInto(BUDGET_LIMITS)
        .set(row)
        .onConflict(
            BUDGET_LIMITS.SCOPE,
            BUDGET_LIMITS.SUBJECT,
            BUDGET_LIMITS.PERIOD,
            BUDGET_LIMITS.CONFIGURED)
        .doUpdate()
        .set(BUDGET_LIMITS.NANODOLLARS, excluded(BUDGET_LIMITS.NANODOLLARS))
        .set(BUDGET_LIMITS.TOKENS, excluded(BUDGET_LIMITS.TOKENS))
        .set(BUDGET_LIMITS.REQUESTS, excluded(BUDGET_LIMITS.REQUESTS))
        .set(BUDGET_LIMITS.UPDATED_AT, currentInstant())
        .execute();
  }

  private static BudgetLimitsRecord row(
      LimitTarget target, Period period, boolean configured, Limit limit) {
    BudgetLimitsRecord row = new BudgetLimitsRecord();
    row.setScope(target.scope());
    row.setSubject(target.subject());
    row.setPeriod(period.key());
    row.setConfigured(configured);
    row.setNanodollars(orNull(limit.nanodollars()));
    row.setTokens(orNull(limit.tokens()));
    row.setRequests(orNull(limit.requests()));
    return row;
  }

  private static Condition is(LimitTarget target) {
    return BUDGET_LIMITS.SCOPE.eq(target.scope()).and(BUDGET_LIMITS.SUBJECT.eq(target.subject()));
  }

  private static Limit limit(BudgetLimitsRecord row) {
    return new Limit(
        amount(row.getNanodollars()), amount(row.getTokens()), amount(row.getRequests()));
  }

  static OptionalLong amount(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static @Nullable Long orNull(OptionalLong amount) {
    return amount.isPresent() ? amount.getAsLong() : null;
  }
}
