package ai.liberclaw.agent.health;

import static ai.liberclaw.db.agent.Tables.MODEL_USAGE;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;

/** What the model has cost, in calls and tokens. */
public final class UsageFactsStore {
  /** Days that are told one by one. */
  static final int DAYS = 14;

  private static final Field<Long> CALLS = sum(MODEL_USAGE.CALLS);
  private static final Field<Long> PROMPT = sum(MODEL_USAGE.PROMPT_TOKENS);
  private static final Field<Long> CACHED = sum(MODEL_USAGE.CACHED_TOKENS);
  private static final Field<Long> COMPLETION = sum(MODEL_USAGE.COMPLETION_TOKENS);

  private final DSLContext sql;

  public UsageFactsStore(DSLContext sql) {
    this.sql = sql;
  }

  /**
   * All time together, and the last days, newest first, by model. Days without calls are left out.
   *
   * @param today in UTC
   */
  public ObjectNode json(LocalDate today) {
    ObjectNode json = Json.object();
    ArrayNode days = json.putArray("days");
    Condition recent = MODEL_USAGE.DAY.gt(today.minusDays(DAYS).toString());
    sql.select(MODEL_USAGE.DAY, MODEL_USAGE.PROVIDER, MODEL_USAGE.MODEL, CALLS, PROMPT)
        .select(CACHED, COMPLETION)
        .from(MODEL_USAGE)
        .where(recent)
        .groupBy(MODEL_USAGE.DAY, MODEL_USAGE.PROVIDER, MODEL_USAGE.MODEL)
        .orderBy(MODEL_USAGE.DAY.desc(), MODEL_USAGE.PROVIDER, MODEL_USAGE.MODEL)
        .forEach(row -> {
          ObjectNode day =
              days.addObject()
                  .put("day", row.get(MODEL_USAGE.DAY))
                  .put("provider", row.get(MODEL_USAGE.PROVIDER))
                  .put("model", row.get(MODEL_USAGE.MODEL));
          put(day, row);
        });
    put(
        json.putObject("total"),
        sql.select(CALLS, PROMPT, CACHED, COMPLETION).from(MODEL_USAGE).fetchSingle());
    return json;
  }

  private static void put(ObjectNode json, Record row) {
    json.put("calls", row.get(CALLS))
        .put("prompt_tokens", row.get(PROMPT))
        .put("cached_tokens", row.get(CACHED))
        .put("completion_tokens", row.get(COMPLETION));
  }

  private static Field<Long> sum(Field<Long> column) {
    return DSL.coalesce(DSL.sum(column).cast(Long.class), 0L).as(column.getName() + "_sum");
  }
}
