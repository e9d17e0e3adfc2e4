package ai.liberclaw.api.activity;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static ai.liberclaw.db.platform.Tables.ACTIVITY_FEED;
import static ai.liberclaw.db.platform.Tables.AGENTS;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.when;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.JSON;
import org.jooq.Record;
import org.jooq.SelectOnConditionStep;
import org.jspecify.annotations.Nullable;

/**
 * Reads what happened. Public events come by their position in the feed: it is the order of their
 * commits, so whoever has seen one has had the chance to see all before it.
 */
final class FeedStore {
  private static final Field<String> PUBLIC_NAME =
      when(AGENTS.PUBLIC_NAME, AGENTS.NAME).as("shown_name");

  private FeedStore() {}

  /** An event of the feed and its place in it. */
  record Row(long position, ActivityEvent event) {}

  /**
   * Which part of a list is wanted, newest first.
   *
   * @param before only what is older than this event; an unknown one has nothing older
   */
  record Page(long limit, long offset, Optional<UUID> before) {}

  /** A user's own events, with the names of their agents. */
  static List<ActivityEvent> own(DSLContext sql, UUID userId, Page page) {
    Condition older =
        page.before()
            .map(id ->
                row(ACTIVITY_EVENTS.CREATED_AT, ACTIVITY_EVENTS.ID)
                    .lt(
                        select(ACTIVITY_EVENTS.CREATED_AT, ACTIVITY_EVENTS.ID)
                            .from(ACTIVITY_EVENTS)
                            .where(ACTIVITY_EVENTS.ID.eq(id))
                            .and(ACTIVITY_EVENTS.USER_ID.eq(userId))))
            .orElse(noCondition());
    return sql.select(
            ACTIVITY_EVENTS.ID,
            ACTIVITY_EVENTS.EVENT_TYPE,
            ACTIVITY_EVENTS.METADATA_JSON,
            ACTIVITY_EVENTS.IS_PUBLIC,
            ACTIVITY_EVENTS.CREATED_AT)
        .from(ACTIVITY_EVENTS)
        .where(ACTIVITY_EVENTS.USER_ID.eq(userId))
        .and(older)
        .orderBy(ACTIVITY_EVENTS.CREATED_AT.desc(), ACTIVITY_EVENTS.ID.desc())
        .limit(page.limit())
        .offset(page.offset())
        .fetch(row ->
            new ActivityEvent(
                row.get(ACTIVITY_EVENTS.ID),
                row.get(ACTIVITY_EVENTS.EVENT_TYPE),
                metadata(row.get(ACTIVITY_EVENTS.METADATA_JSON)),
                row.get(ACTIVITY_EVENTS.IS_PUBLIC),
                row.get(ACTIVITY_EVENTS.CREATED_AT)));
  }

  /** Public events, newest first. */
  static List<Row> page(DSLContext sql, Page page) {
    Condition older =
        page.before()
            .map(id ->
                ACTIVITY_FEED.POSITION.lt(
                    select(ACTIVITY_FEED.POSITION)
                        .from(ACTIVITY_FEED)
                        .where(ACTIVITY_FEED.EVENT_ID.eq(id))))
            .orElse(noCondition());
    return feed(sql)
        .where(older)
        .orderBy(ACTIVITY_FEED.POSITION.desc())
        .limit(page.limit())
        .offset(page.offset())
        .fetch(FeedStore::shown);
  }

  /** Public events behind this position, oldest first. */
  static List<Row> after(DSLContext sql, long position, int limit) {
    return feed(sql)
        .where(ACTIVITY_FEED.POSITION.gt(position))
        .orderBy(ACTIVITY_FEED.POSITION)
        .limit(limit)
        .fetch(FeedStore::shown);
  }

  private static SelectOnConditionStep<? extends Record> feed(DSLContext sql) {
    return sql.select(
            ACTIVITY_FEED.POSITION,
            ACTIVITY_EVENTS.ID,
            ACTIVITY_EVENTS.EVENT_TYPE,
            ACTIVITY_EVENTS.METADATA_JSON,
            ACTIVITY_EVENTS.CREATED_AT,
            PUBLIC_NAME)
        .from(ACTIVITY_FEED)
        .join(ACTIVITY_EVENTS)
        .on(ACTIVITY_EVENTS.ID.eq(ACTIVITY_FEED.EVENT_ID))
        .leftJoin(AGENTS)
        .on(AGENTS.ID.eq(ACTIVITY_EVENTS.AGENT_ID));
  }

  private static Row shown(Record row) {
    return new Row(
        row.get(ACTIVITY_FEED.POSITION),
        new ActivityEvent(
            row.get(ACTIVITY_EVENTS.ID),
            row.get(ACTIVITY_EVENTS.EVENT_TYPE),
            PublicMetadata.of(
                metadata(row.get(ACTIVITY_EVENTS.METADATA_JSON)),
                Optional.ofNullable(row.get(PUBLIC_NAME))),
            true,
            row.get(ACTIVITY_EVENTS.CREATED_AT)));
  }

  private static ObjectNode metadata(@Nullable JSON stored) {
    try {
      return stored != null && Json.parse(stored.data()) instanceof ObjectNode object
          ? object
          : Json.object();
    } catch (JsonException _) {
      // The original can have stored what we would not read; the event still happened.
      return Json.object();
    }
  }
}
