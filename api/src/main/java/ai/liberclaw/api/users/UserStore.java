package ai.liberclaw.api.users;

import static ai.liberclaw.db.platform.Tables.USERS;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jooq.impl.DSL;

/** The profile columns of users. */
public final class UserStore {
  private static final List<SelectField<?>> PROFILE =
      List.of(
          USERS.ID,
          USERS.EMAIL,
          USERS.EMAIL_VERIFIED,
          USERS.DISPLAY_NAME,
          USERS.AVATAR_URL,
          USERS.TIER,
          USERS.SHOW_TOOL_CALLS,
          USERS.CREATED_AT);

  private final DSLContext sql;
  private final Clock clock;

  public UserStore(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  Optional<UserProfile> find(UUID userId) {
    return sql.select(PROFILE)
        .from(USERS)
        .where(USERS.ID.eq(userId))
        .fetchOptional(UserStore::profile);
  }

  /** Changes what is given; an empty value leaves the column as it is. */
  Optional<UserProfile> update(
      UUID userId, Optional<String> displayName, Optional<Boolean> showToolCalls) {
    return sql.update(USERS)
        .set(USERS.UPDATED_AT, clock.instant().truncatedTo(ChronoUnit.MICROS))
        .set(
            USERS.DISPLAY_NAME, displayName.<Field<String>>map(DSL::val).orElse(USERS.DISPLAY_NAME))
        .set(
            USERS.SHOW_TOOL_CALLS,
            showToolCalls.<Field<Boolean>>map(DSL::val).orElse(USERS.SHOW_TOOL_CALLS))
        .where(USERS.ID.eq(userId))
        .returningResult(PROFILE)
        .fetchOptional(UserStore::profile);
  }

  private static UserProfile profile(Record row) {
    return new UserProfile(
        row.get(USERS.ID),
        Optional.ofNullable(row.get(USERS.EMAIL)),
        row.get(USERS.EMAIL_VERIFIED),
        Optional.ofNullable(row.get(USERS.DISPLAY_NAME)),
        Optional.ofNullable(row.get(USERS.AVATAR_URL)),
        row.get(USERS.TIER),
        row.get(USERS.SHOW_TOOL_CALLS),
        row.get(USERS.CREATED_AT));
  }
}
