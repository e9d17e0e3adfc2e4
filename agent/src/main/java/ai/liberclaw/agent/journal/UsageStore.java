package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.MODEL_USAGE;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.turn.Spent;
import ai.liberclaw.agent.turn.Turn;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What model calls cost, by turn and by day. */
final class UsageStore {
  void add(Transaction tx, Turn turn, List<Spent> models) {
    for (Spent spent : models) {
      add(tx, turn, spent);
      add(tx, spent);
    }
  }

  private static void add(Transaction tx, Turn turn, Spent spent) {
    tx.sql()
        .update(TURNS)
        .set(TURNS.MODEL, spent.model())
        .set(TURNS.MODEL_CALLS, TURNS.MODEL_CALLS.plus(spent.calls()))
        .set(TURNS.PROMPT_TOKENS, plus(TURNS.PROMPT_TOKENS, spent.promptTokens()))
        .set(TURNS.CACHED_TOKENS, plus(TURNS.CACHED_TOKENS, spent.cachedTokens()))
        .set(TURNS.COMPLETION_TOKENS, plus(TURNS.COMPLETION_TOKENS, spent.completionTokens()))
        .where(TURNS.ID.eq(turn.id()))
        .execute();
  }

  private static void add(Transaction tx, Spent spent) {
    String day = LocalDate.now(ZoneOffset.UTC).toString();
    Condition key =
        MODEL_USAGE
            .DAY
            .eq(day)
            .and(MODEL_USAGE.PROVIDER.eq(spent.provider()))
            .and(MODEL_USAGE.MODEL.eq(spent.model()));
    int known =
        tx.sql()
            .update(MODEL_USAGE)
            .set(MODEL_USAGE.CALLS, MODEL_USAGE.CALLS.plus(spent.calls()))
            .set(MODEL_USAGE.PROMPT_TOKENS, more(MODEL_USAGE.PROMPT_TOKENS, spent.promptTokens()))
            .set(MODEL_USAGE.CACHED_TOKENS, more(MODEL_USAGE.CACHED_TOKENS, spent.cachedTokens()))
            .set(
                MODEL_USAGE.COMPLETION_TOKENS,
                more(MODEL_USAGE.COMPLETION_TOKENS, spent.completionTokens()))
            .where(key)
            .execute();
    if (known == 0) {
      tx.sql()
          .insertInto(MODEL_USAGE)
          .set(MODEL_USAGE.DAY, day)
          .set(MODEL_USAGE.PROVIDER, spent.provider())
          .set(MODEL_USAGE.MODEL, spent.model())
          .set(MODEL_USAGE.CALLS, (long) spent.calls())
          .set(MODEL_USAGE.PROMPT_TOKENS, known(spent.promptTokens()))
          .set(MODEL_USAGE.CACHED_TOKENS, known(spent.cachedTokens()))
          .set(MODEL_USAGE.COMPLETION_TOKENS, known(spent.completionTokens()))
          .execute();
    }
  }

  /** A sum that stays null while nothing is known. */
  private static Field<Long> plus(Field<Long> column, @Nullable Long more) {
    return more == null ? column : DSL.coalesce(column, 0L).plus(more);
  }

  private static Field<Long> more(Field<Long> column, @Nullable Long more) {
    return column.plus(known(more));
  }

  private static long known(@Nullable Long tokens) {
    return tokens == null ? 0 : tokens;
  }
}
