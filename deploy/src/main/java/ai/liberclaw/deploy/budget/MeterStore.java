package ai.liberclaw.deploy.budget;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.BUDGETS;
import static ai.liberclaw.db.platform.Tables.BUDGET_LIMIT_OF;
import static ai.liberclaw.db.platform.Tables.MODEL_USAGE;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.sum;
import static org.jooq.impl.DSL.trueCondition;
import static org.jooq.impl.DSL.val;
import static org.jooq.impl.DSL.when;

import ai.liberclaw.db.platform.tables.BudgetLimitOf;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.GroupField;
import org.jooq.OrderField;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jspecify.annotations.Nullable;

/** Reads what was used and spent. Whose it is is part of every query. */
final class MeterStore {
  private static final Field<BigDecimal> REQUESTS = total(MODEL_USAGE.REQUESTS, "requests_sum");
  private static final Field<BigDecimal> PROMPT = total(MODEL_USAGE.PROMPT_TOKENS, "prompt_sum");
  private static final Field<BigDecimal> CACHED = total(MODEL_USAGE.CACHED_TOKENS, "cached_sum");
  private static final Field<BigDecimal> COMPLETION =
      total(MODEL_USAGE.COMPLETION_TOKENS, "completion_sum");
  private static final Field<BigDecimal> COST = total(MODEL_USAGE.NANODOLLARS, "cost_sum");
  private static final Field<BigDecimal> OWN =
      total(
          when(MODEL_USAGE.OWN_KEY.isTrue(), MODEL_USAGE.NANODOLLARS).otherwise(inline(0L)),
          "own_sum");

  private MeterStore() {}

  static boolean owns(DSLContext sql, UUID owner, UUID agent) {
    return sql.fetchExists(AGENTS, AGENTS.ID.eq(agent).and(AGENTS.OWNER_ID.eq(owner)));
  }

  static Map<UUID, Map<Period, Spending>> agents(
      DSLContext sql, Collection<UUID> agents, Instant now) {
    Map<UUID, Map<Period, Spending>> spent = new HashMap<>();
    if (agents.isEmpty()) {
      return spent;
    }
    Condition current = noCondition();
    for (Period period : Period.values()) {
      current =
          current.or(BUDGETS.PERIOD.eq(period.key()).and(BUDGETS.STARTS_ON.eq(period.start(now))));
    }
    sql.select(
            BUDGETS.SUBJECT,
            BUDGETS.PERIOD,
            BUDGETS.SPENT_NANODOLLARS,
            BUDGETS.SPENT_TOKENS,
            BUDGETS.SPENT_REQUESTS)
        .from(BUDGETS)
        .where(BUDGETS.SCOPE.eq(Scope.AGENT.key()))
        .and(BUDGETS.SUBJECT.in(agents.stream().map(UUID::toString).toList()))
        .and(current)
        .forEach(row ->
            spent
                .computeIfAbsent(UUID.fromString(row.value1()), _ -> new EnumMap<>(Period.class))
                .put(
                    Period.of(row.value2()),
                    new Spending(row.value3(), row.value4(), row.value5())));
    return spent;
  }

  static Map<Period, Allowance> allowances(DSLContext sql, UUID user, Instant now) {
    Map<Period, Allowance> allowances = new EnumMap<>(Period.class);
    for (Period period : Period.values()) {
      BudgetLimitOf limit =
          BUDGET_LIMIT_OF(
                  inline(Scope.USER.key()),
                  val(user.toString()),
                  LimitStore.tier(),
                  inline(period.key()))
              .as("limit_of");
      sql.select()
          .from(USERS)
          .leftJoin(lateral(limit))
          .on(trueCondition())
          .leftJoin(BUDGETS)
          .on(BUDGETS.SCOPE.eq(Scope.USER.key()))
          .and(BUDGETS.SUBJECT.eq(user.toString()))
          .and(BUDGETS.PERIOD.eq(period.key()))
          .and(BUDGETS.STARTS_ON.eq(period.start(now)))
          .where(USERS.ID.eq(user))
          .forEach(row ->
              allowances.put(
                  period,
                  new Allowance(
                      new Limit(
                          LimitStore.amount(row.get(limit.NANODOLLARS)),
                          LimitStore.amount(row.get(limit.TOKENS)),
                          LimitStore.amount(row.get(limit.REQUESTS))),
                      new Spending(
                          orZero(row.get(BUDGETS.SPENT_NANODOLLARS)),
                          orZero(row.get(BUDGETS.SPENT_TOKENS)),
                          orZero(row.get(BUDGETS.SPENT_REQUESTS))),
                      new Spending(
                          orZero(row.get(BUDGETS.RESERVED_NANODOLLARS)),
                          orZero(row.get(BUDGETS.RESERVED_TOKENS)),
                          orZero(row.get(BUDGETS.RESERVED_REQUESTS))))));
    }
    return allowances;
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }

  static List<UsageRow> rows(DSLContext sql, UsageQuery query) {
    List<SelectField<?>> fields = new ArrayList<>();
    List<GroupField> groups = new ArrayList<>();
    List<OrderField<?>> order = new ArrayList<>();
    // In the order of the enum: days first.
    for (UsageQuery.By by : UsageQuery.By.values()) {
      if (query.by().contains(by)) {
        switch (by) {
          case DAY -> {
            fields.add(MODEL_USAGE.DAY);
            groups.add(MODEL_USAGE.DAY);
            order.add(MODEL_USAGE.DAY.desc());
          }
          case AGENT -> {
            fields.addAll(List.of(MODEL_USAGE.AGENT_ID, AGENTS.NAME));
            groups.addAll(List.of(MODEL_USAGE.AGENT_ID, AGENTS.NAME));
            order.add(MODEL_USAGE.AGENT_ID.asc().nullsLast());
          }
          case MODEL -> {
            fields.add(MODEL_USAGE.MODEL);
            groups.add(MODEL_USAGE.MODEL);
            order.add(MODEL_USAGE.MODEL);
          }
        }
      }
    }
    fields.addAll(List.of(REQUESTS, PROMPT, CACHED, COMPLETION, COST, OWN));
    return sql
        .select(fields)
        .from(MODEL_USAGE)
        .leftJoin(AGENTS)
        .on(AGENTS.ID.eq(MODEL_USAGE.AGENT_ID).and(AGENTS.OWNER_ID.eq(MODEL_USAGE.USER_ID)))
        .where(which(query))
        .groupBy(groups)
        .orderBy(order)
        .limit(query.limit())
        .offset(query.offset())
        .stream()
        .map(row -> row(row, query))
        .toList();
  }

  static UsageRow total(DSLContext sql, UsageQuery query) {
    Record row =
        sql.select(REQUESTS, PROMPT, CACHED, COMPLETION, COST, OWN)
            .from(MODEL_USAGE)
            .where(which(query))
            .fetchSingle();
    return sums(row, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static Condition which(UsageQuery query) {
    Condition which =
        MODEL_USAGE
            .USER_ID
            .eq(query.userId())
            .and(MODEL_USAGE.DAY.between(query.from(), query.to()));
    if (query.agent().isPresent()) {
      which = which.and(MODEL_USAGE.AGENT_ID.eq(query.agent().get()));
    }
    if (query.model().isPresent()) {
      which = which.and(MODEL_USAGE.MODEL.eq(query.model().get()));
    }
    return which;
  }

  private static UsageRow row(Record row, UsageQuery query) {
    boolean agents = query.by().contains(UsageQuery.By.AGENT);
    return sums(
        row,
        query.by().contains(UsageQuery.By.DAY)
            ? Optional.of(row.get(MODEL_USAGE.DAY))
            : Optional.empty(),
        agents ? Optional.ofNullable(row.get(MODEL_USAGE.AGENT_ID)) : Optional.empty(),
        agents ? Optional.ofNullable(row.get(AGENTS.NAME)) : Optional.empty(),
        query.by().contains(UsageQuery.By.MODEL)
            ? Optional.of(row.get(MODEL_USAGE.MODEL))
            : Optional.empty());
  }

  private static UsageRow sums(
      Record row,
      Optional<LocalDate> day,
      Optional<UUID> agent,
      Optional<String> agentName,
      Optional<String> model) {
    return new UsageRow(
        day,
        agent,
        agentName,
        model,
        row.get(REQUESTS).longValueExact(),
        row.get(PROMPT).longValueExact(),
        row.get(CACHED).longValueExact(),
        row.get(COMPLETION).longValueExact(),
        row.get(COST).longValueExact(),
        row.get(OWN).longValueExact());
  }

  private static Field<BigDecimal> total(Field<Long> field, String name) {
    return coalesce(sum(field), inline(BigDecimal.ZERO)).as(name);
  }
}
