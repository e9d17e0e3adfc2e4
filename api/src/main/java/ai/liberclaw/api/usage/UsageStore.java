package ai.liberclaw.api.usage;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.DAILY_USAGE;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jooq.CommonTableExpression;
import org.jooq.DSLContext;
import org.jooq.Record1;
import org.jooq.ResultQuery;
import org.jooq.Table;

/** Counts accepted chat messages per user and UTC day. */
public final class UsageStore {
  private final Clock clock;

  public UsageStore(Clock clock) {
    this.clock = clock;
  }

  /**
   * Counts one message in one atomic statement.
   *
   * @param noted a part of the statement, which adds a row for each row of the table it is given:
   *     one when the message is counted, none when the limit was reached
   * @return the day it was counted on, for giving it back; empty when the limit was reached
   */
  public Optional<LocalDate> take(
      DSLContext sql, UUID userId, int limit, Function<Table<?>, ResultQuery<?>> noted) {
    if (limit <= 0) {
      return Optional.empty();
    }
    CommonTableExpression<Record1<LocalDate>> counted =
        name("counted")
            .as(
                insertInto(DAILY_USAGE)
                    .set(DAILY_USAGE.ID, UUID.randomUUID())
                    .set(DAILY_USAGE.USER_ID, userId)
                    .set(DAILY_USAGE.DATE, today())
                    .set(DAILY_USAGE.MESSAGE_COUNT, 1)
                    .onConflict(DAILY_USAGE.USER_ID, DAILY_USAGE.DATE)
                    .doUpdate()
                    .set(DAILY_USAGE.MESSAGE_COUNT, DAILY_USAGE.MESSAGE_COUNT.plus(1))
                    .where(DAILY_USAGE.MESSAGE_COUNT.lt(limit))
                    .returningResult(DAILY_USAGE.DATE));
    return sql.with(counted, name("noted").as(noted.apply(counted)))
        .select(counted.field(DAILY_USAGE.DATE))
        .from(counted)
        .fetchOptional(DAILY_USAGE.DATE);
  }

  /** Takes back one message that reached nobody. */
  public void giveBack(DSLContext sql, UUID userId, LocalDate day) {
    sql.update(DAILY_USAGE)
        .set(DAILY_USAGE.MESSAGE_COUNT, DAILY_USAGE.MESSAGE_COUNT.minus(1))
        .where(DAILY_USAGE.USER_ID.eq(userId))
        .and(DAILY_USAGE.DATE.eq(day))
        .and(DAILY_USAGE.MESSAGE_COUNT.gt(0))
        .execute();
  }

  int messagesToday(DSLContext sql, UUID userId) {
    return sql.select(DAILY_USAGE.MESSAGE_COUNT)
        .from(DAILY_USAGE)
        .where(DAILY_USAGE.USER_ID.eq(userId))
        .and(DAILY_USAGE.DATE.eq(today()))
        .fetchOptional(DAILY_USAGE.MESSAGE_COUNT)
        .orElse(0);
  }

  /** Messages of the last UTC days, today included, newest first; days without any are left out. */
  Map<LocalDate, Integer> lastDays(DSLContext sql, UUID userId, int days) {
    LocalDate today = today();
    return sql.select(DAILY_USAGE.DATE, DAILY_USAGE.MESSAGE_COUNT)
        .from(DAILY_USAGE)
        .where(DAILY_USAGE.USER_ID.eq(userId))
        .and(DAILY_USAGE.DATE.gt(today.minusDays(days)))
        .and(DAILY_USAGE.DATE.le(today))
        .and(DAILY_USAGE.MESSAGE_COUNT.gt(0))
        .orderBy(DAILY_USAGE.DATE.desc())
        .fetchMap(DAILY_USAGE.DATE, DAILY_USAGE.MESSAGE_COUNT);
  }

  int agents(DSLContext sql, UUID userId) {
    return sql.fetchCount(AGENTS, AGENTS.OWNER_ID.eq(userId));
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
