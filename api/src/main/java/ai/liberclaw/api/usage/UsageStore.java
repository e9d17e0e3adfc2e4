package ai.liberclaw.api.usage;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.DAILY_USAGE;

import java.time.Clock;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Counts accepted chat messages per user and UTC day. */
public final class UsageStore {
  private final Clock clock;

  public UsageStore(Clock clock) {
    this.clock = clock;
  }

  /**
   * Counts one message in one atomic statement.
   *
   * @return the day it was counted on, for giving it back; empty when the limit was reached
   */
  public Optional<LocalDate> take(DSLContext sql, UUID userId, int limit) {
    LocalDate day = LocalDate.ofInstant(clock.instant(), java.time.ZoneOffset.UTC);
    if (limit <= 0) {
      return Optional.empty();
    }
    int changed =
        sql.insertInto(DAILY_USAGE)
            .set(DAILY_USAGE.ID, UUID.randomUUID())
            .set(DAILY_USAGE.USER_ID, userId)
            .set(DAILY_USAGE.DATE, day)
            .set(DAILY_USAGE.MESSAGE_COUNT, 1)
            .onConflict(DAILY_USAGE.USER_ID, DAILY_USAGE.DATE)
            .doUpdate()
            .set(DAILY_USAGE.MESSAGE_COUNT, DAILY_USAGE.MESSAGE_COUNT.plus(1))
            .where(DAILY_USAGE.MESSAGE_COUNT.lt(limit))
            .execute();
    return changed == 1 ? Optional.of(day) : Optional.empty();
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
        .and(DAILY_USAGE.DATE.eq(LocalDate.ofInstant(clock.instant(), java.time.ZoneOffset.UTC)))
        .fetchOptional(DAILY_USAGE.MESSAGE_COUNT)
        .orElse(0);
  }

  /** Messages of the last UTC days, today included, newest first; days without any are left out. */
  Map<LocalDate, Integer> lastDays(DSLContext sql, UUID userId, int days) {
    LocalDate today = LocalDate.ofInstant(clock.instant(), java.time.ZoneOffset.UTC);
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
}
