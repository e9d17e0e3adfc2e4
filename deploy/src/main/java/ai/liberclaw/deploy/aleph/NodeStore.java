package ai.liberclaw.deploy.aleph;

import static ai.liberclaw.db.platform.Tables.NODE_FAULTS;
import static ai.liberclaw.db.platform.Tables.NODE_STATS;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.greatest;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jooq.DSLContext;

/** What all servers know of compute nodes: which to avoid for now, and how each has done so far. */
public final class NodeStore {
  private NodeStore() {}

  /** Avoids a node for a while; a longer while already noted stays. */
  public static void avoid(DSLContext sql, String nodeUrl, String code, Duration time) {
    Instant until = now(sql).plus(time);
    sql.insertInto(NODE_FAULTS)
        .set(NODE_FAULTS.NODE_URL, nodeUrl)
        .set(NODE_FAULTS.CODE, code)
        .set(NODE_FAULTS.UNTIL, until)
        .onConflict(NODE_FAULTS.NODE_URL)
        .doUpdate()
        .set(NODE_FAULTS.CODE, excluded(NODE_FAULTS.CODE))
        .set(NODE_FAULTS.UNTIL, greatest(NODE_FAULTS.UNTIL, excluded(NODE_FAULTS.UNTIL)))
        .execute();
  }

  /** URLs of the nodes to avoid now. */
  public static Set<String> avoided(DSLContext sql) {
    return new HashSet<>(
        sql.select(NODE_FAULTS.NODE_URL)
            .from(NODE_FAULTS)
            .where(NODE_FAULTS.UNTIL.gt(currentInstant()))
            .fetch(NODE_FAULTS.NODE_URL));
  }

  /** Drops what is over. */
  public static void purge(DSLContext sql) {
    sql.deleteFrom(NODE_FAULTS).where(NODE_FAULTS.UNTIL.le(currentInstant())).execute();
  }

  /** A machine came up, or did not by the node's fault. */
  public static void count(DSLContext sql, String nodeUrl, boolean success) {
    sql.insertInto(NODE_STATS)
        .set(NODE_STATS.NODE_URL, nodeUrl)
        .set(NODE_STATS.SUCCEEDED, success ? 1L : 0L)
        .set(NODE_STATS.FAILED, success ? 0L : 1L)
        .onConflict(NODE_STATS.NODE_URL)
        .doUpdate()
        .set(NODE_STATS.SUCCEEDED, NODE_STATS.SUCCEEDED.plus(excluded(NODE_STATS.SUCCEEDED)))
        .set(NODE_STATS.FAILED, NODE_STATS.FAILED.plus(excluded(NODE_STATS.FAILED)))
        .set(NODE_STATS.UPDATED_AT, currentInstant())
        .execute();
  }

  /** How each node has done, by URL. */
  public static Map<String, NodeChoice.History> records(DSLContext sql) {
    return sql.selectFrom(NODE_STATS)
        .fetchMap(
            NODE_STATS.NODE_URL,
            row -> new NodeChoice.History(row.getSucceeded(), row.getFailed()));
  }

  /** By the database's clock, which all servers share. */
  private static Instant now(DSLContext sql) {
    return sql.select(currentInstant()).fetchSingle().value1();
  }
}
