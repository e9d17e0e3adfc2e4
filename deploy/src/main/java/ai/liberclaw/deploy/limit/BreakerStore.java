package ai.liberclaw.deploy.limit;

import static ai.liberclaw.db.platform.Tables.CIRCUIT_BREAKERS;
import static org.jooq.impl.DSL.currentInstant;

import java.time.Instant;
import java.util.Optional;
import org.jooq.DSLContext;

/** Failures in a row, by name of the work. */
final class BreakerStore {
  private static final int CODE_LENGTH_MAX = 50;

  private BreakerStore() {}

  record State(int failures, Optional<Instant> openUntil) {}

  static Optional<State> find(DSLContext sql, String name) {
    return sql.select(CIRCUIT_BREAKERS.FAILURES, CIRCUIT_BREAKERS.OPEN_UNTIL)
        .from(CIRCUIT_BREAKERS)
        .where(CIRCUIT_BREAKERS.NAME.eq(name))
        .fetchOptional(row -> new State(row.value1(), Optional.ofNullable(row.value2())));
  }

  static int failed(DSLContext sql, String name, String code) {
    String kept = code.length() > CODE_LENGTH_MAX ? code.substring(0, CODE_LENGTH_MAX) : code;
    return sql.insertInto(CIRCUIT_BREAKERS)
        .set(CIRCUIT_BREAKERS.NAME, name)
        .set(CIRCUIT_BREAKERS.FAILURES, 1)
        .set(CIRCUIT_BREAKERS.ERROR_CODE, kept)
        .onConflict(CIRCUIT_BREAKERS.NAME)
        .doUpdate()
        .set(CIRCUIT_BREAKERS.FAILURES, CIRCUIT_BREAKERS.FAILURES.plus(1))
        .set(CIRCUIT_BREAKERS.ERROR_CODE, kept)
        .set(CIRCUIT_BREAKERS.UPDATED_AT, currentInstant())
        .returningResult(CIRCUIT_BREAKERS.FAILURES)
        .fetchSingle()
        .value1();
  }

  static void openUntil(DSLContext sql, String name, Instant until) {
    sql.update(CIRCUIT_BREAKERS)
        .set(CIRCUIT_BREAKERS.OPEN_UNTIL, until)
        .where(CIRCUIT_BREAKERS.NAME.eq(name))
        .execute();
  }

  static void reset(DSLContext sql, String name) {
    sql.deleteFrom(CIRCUIT_BREAKERS).where(CIRCUIT_BREAKERS.NAME.eq(name)).execute();
  }
}
