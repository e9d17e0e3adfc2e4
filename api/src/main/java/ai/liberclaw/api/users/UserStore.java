package ai.liberclaw.api.users;

import static ai.liberclaw.db.platform.Tables.USERS;

import ai.liberclaw.core.error.Refusal;
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

/** The profile columns of users, and the lock for what is counted per user. */
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

  /**
   * Keeps everybody else who calls this for the same user waiting until the transaction ends. Rows
   * that refer to the user can still be written.
   *
   * @throws Refusal 401 when the user is gone
   */
  public static void lock(DSLContext tx, UUID userId) {
    boolean there =
        tx.selectOne()
            .from(USERS)
            .where(USERS.ID.eq(userId))
            .forNoKeyUpdate()
            .fetchOptional()
            .isPresent();
    if (!there) {
      throw new Refusal(401, "User not found");
    }
  }

  /** Whether the user can sign in without any connection: by mail, or a guest by their device. */
  static boolean signsInAlone(DSLContext tx, UUID userId) {
    return tx.fetchExists(
        USERS,
        USERS
            .ID
            .eq(userId)
            .and(
                USERS
                    .EMAIL
                    .isNotNull()
                    .and(USERS.EMAIL_VERIFIED)
                    .or(USERS.DEVICE_ID.isNotNull().and(USERS.TIER.eq("guest")))));
  }

  Optional<UserProfile> find(UUID userId) {
    return sql.select(PROFILE)
        .from(USERS)
        .where(USERS.ID.eq(userId))
        .fetchOptional(UserStore::profile);
  }

  /**
   * What to change of a profile.
   *
   * @param named whether the name is to change; without a new one it is cleared
   * @param showToolCalls empty leaves it as it is
   */
  record Changes(boolean named, Optional<String> displayName, Optional<Boolean> showToolCalls) {}

  Optional<UserProfile> update(UUID userId, Changes changes) {
    Field<String> name = DSL.val(changes.displayName().orElse(null), USERS.DISPLAY_NAME);
    return sql.update(USERS)
        .set(USERS.UPDATED_AT, clock.instant().truncatedTo(ChronoUnit.MICROS))
        .set(USERS.DISPLAY_NAME, changes.named() ? name : USERS.DISPLAY_NAME)
        .set(
            USERS.SHOW_TOOL_CALLS,
            changes.showToolCalls().<Field<Boolean>>map(DSL::val).orElse(USERS.SHOW_TOOL_CALLS))
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
