package ai.liberclaw.api.host;

import static ai.liberclaw.db.platform.Tables.USERS;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Users as operators name them. */
final class OwnerStore {
  private OwnerStore() {}

  /**
   * @param named an id or an e-mail address
   */
  static Optional<UUID> find(DSLContext sql, String named) {
    if (named.contains("@")) {
      return sql.select(USERS.ID)
          .from(USERS)
          .where(USERS.EMAIL_LOWER.eq(named.toLowerCase(Locale.ROOT)))
          .fetchOptional(USERS.ID);
    }
    try {
      return sql.select(USERS.ID)
          .from(USERS)
          .where(USERS.ID.eq(UUID.fromString(named)))
          .fetchOptional(USERS.ID);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
