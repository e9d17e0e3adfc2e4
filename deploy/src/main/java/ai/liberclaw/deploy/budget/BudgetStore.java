package ai.liberclaw.deploy.budget;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.MODEL_CALLS;
import static ai.liberclaw.db.platform.Tables.RENEW_MODEL_CALLS;
import static ai.liberclaw.db.platform.Tables.RESERVE_MODEL_CALL;
import static ai.liberclaw.db.platform.Tables.SETTLE_MODEL_CALLS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.selectFrom;

import ai.liberclaw.db.RenderedQuery;
import ai.liberclaw.db.platform.tables.records.ModelCallsRecord;
import ai.liberclaw.db.platform.tables.records.ReserveModelCallRecord;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;

/** Budgets and the calls that hold back of them. Each method is one statement. */
final class BudgetStore {
  private static final RenderedQuery RESERVE =
      RenderedQuery.of(
          SQLDialect.POSTGRES,
          selectFrom(
              RESERVE_MODEL_CALL(
                  param("id", UUID.class),
                  param("user", UUID.class),
                  param("agent", UUID.class),
                  param("generation", Long.class),
                  param("own_key_allowed", Boolean.class),
                  param("model", String.class),
                  param("now", Instant.class),
                  param("lease_until", Instant.class),
                  param("prompt_tokens_likely", Long.class),
                  param("prompt_tokens_max", Long.class),
                  param("completion_tokens_max", Long.class),
                  param("completion_tokens_min", Long.class),
                  param("prompt_price", Long.class),
                  param("completion_price", Long.class),
                  param("call_price", Long.class))));

  private static final RenderedQuery SETTLE =
      RenderedQuery.of(
          SQLDialect.POSTGRES,
          selectFrom(
              SETTLE_MODEL_CALLS(
                  param("ids", UUID[].class),
                  param("requests", Long[].class),
                  param("prompt_tokens", Long[].class),
                  param("cached_tokens", Long[].class),
                  param("completion_tokens", Long[].class),
                  param("nanodollars", Long[].class))));

  private BudgetStore() {}

  /** What came of a reservation. */
  sealed interface Outcome {
    /**
     * @param ownKeys the user's own, as they are stored, newest first
     */
    record Reserved(long completionTokens, List<SealedKey> ownKeys) implements Outcome {}

    record Gone() implements Outcome {}

    record Refused(Scope scope, Period period, Unit unit, long max, long left) implements Outcome {}
  }

  /**
   * @param sealed a Fernet token
   */
  record SealedKey(UUID id, String sealed) {}

  static Outcome reserve(
      DSLContext sql, UUID id, Ask ask, Price price, Instant now, Instant leaseUntil) {
    @Nullable UUID agent = null;
    long generation = 0;
    if (ask.spender() instanceof Spender.Agent caller) {
      agent = caller.id();
      generation = caller.generation();
    }
    ReserveModelCallRecord row =
        RESERVE
            .fetch(
                sql,
                id,
                ask.spender().userId(),
                agent,
                generation,
                ask.ownKeyAllowed(),
                ask.model(),
                now.atOffset(ZoneOffset.UTC),
                leaseUntil.atOffset(ZoneOffset.UTC),
                ask.promptTokensLikely(),
                ask.promptTokensMax(),
                ask.completionTokensMax(),
                ask.completionTokensMin(),
                price.promptMax(),
                price.completion(),
                price.call())
            .getFirst()
            .into(RESERVE_MODEL_CALL);
    return switch (row.getOutcome()) {
      case "reserved" ->
          new Outcome.Reserved(
              row.getCompletionTokens(), sealedKeys(row.getKeyIds(), row.getSealedKeys()));
      case "gone" -> new Outcome.Gone();
      case "refused" ->
          new Outcome.Refused(
              Scope.of(row.getRefusedScope()),
              Period.of(row.getRefusedPeriod()),
              Unit.of(row.getRefusedUnit()),
              row.getAmountMax(),
              row.getAmountLeft());
      default -> throw new IllegalStateException("no such outcome: " + row.getOutcome());
    };
  }

  /** The same conditions as a reservation's. */
  static boolean knows(DSLContext sql, Spender caller) {
    return switch (caller) {
      case Spender.Agent(UUID id, UUID owner, long generation) ->
          sql.fetchExists(
              AGENTS,
              AGENTS.ID.eq(id),
              AGENTS.OWNER_ID.eq(owner),
              AGENTS.INFERENCE_GENERATION.le(generation));
      case Spender.User(UUID id) -> sql.fetchExists(USERS, USERS.ID.eq(id));
    };
  }

  /** Gives the calls that were still open. */
  static Set<UUID> settle(DSLContext sql, List<Settler.Ending> endings) {
    return SETTLE
        .fetch(
            sql,
            endings.stream().map(ending -> ending.call().id()).toArray(UUID[]::new),
            longs(endings, Settler.Ending::requests),
            longs(endings, ending -> ending.usage().prompt()),
            longs(endings, ending -> ending.usage().cached()),
            longs(endings, ending -> ending.usage().completion()),
            longs(endings, Settler.Ending::nanodollars))
        .intoSet(SETTLE_MODEL_CALLS.CALL_ID);
  }

  /** Gives the calls that were still open. */
  static Set<UUID> renew(DSLContext sql, List<Reservation> calls, Instant leaseUntil) {
    return sql.selectFrom(
            RENEW_MODEL_CALLS(
                calls.stream().map(Reservation::id).toArray(UUID[]::new),
                longs(calls, Reservation::streamedTokens),
                leaseUntil))
        .fetchSet(RENEW_MODEL_CALLS.CALL_ID);
  }

  /**
   * Settles calls nobody has renewed, by what they had streamed. Others that do the same at this
   * moment are passed by.
   *
   * @return how many
   */
  static int settleLapsed(DSLContext tx, Instant now, int max) {
    var lapsed =
        tx.selectFrom(MODEL_CALLS)
            .where(MODEL_CALLS.LEASE_UNTIL.lt(now))
            .orderBy(MODEL_CALLS.ID)
            .limit(max)
            .forUpdate()
            .skipLocked()
            .fetch();
    if (lapsed.isEmpty()) {
      return 0;
    }
    return tx.selectFrom(
            SETTLE_MODEL_CALLS(
                lapsed.stream().map(call -> call.getId()).toArray(UUID[]::new),
                longs(lapsed, _ -> 1),
                longs(lapsed, call -> call.getPromptTokens()),
                longs(lapsed, _ -> 0),
                longs(lapsed, BudgetStore::streamed),
                longs(
                    lapsed,
                    call ->
                        call.getCallPrice()
                            + call.getPromptTokens() * call.getPromptPrice()
                            + streamed(call) * call.getCompletionPrice())))
        .fetch()
        .size();
  }

  /** No more than what was held back for it, however it was counted. */
  private static long streamed(ModelCallsRecord call) {
    return Math.min(call.getStreamedTokens(), call.getTokens() - call.getPromptTokens());
  }

  private static List<SealedKey> sealedKeys(UUID @Nullable [] ids, String @Nullable [] sealed) {
    List<SealedKey> keys = new ArrayList<>();
    if (ids != null && sealed != null) {
      for (int i = 0; i < ids.length; i++) {
        keys.add(new SealedKey(ids[i], sealed[i]));
      }
    }
    return keys;
  }

  private static <T> Long[] longs(List<T> all, ToLongFunction<T> value) {
    return all.stream().mapToLong(value).boxed().toArray(Long[]::new);
  }
}
