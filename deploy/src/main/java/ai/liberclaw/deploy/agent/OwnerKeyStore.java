package ai.liberclaw.deploy.agent;

import static ai.liberclaw.db.platform.Tables.API_KEYS;

import java.util.List;
import java.util.UUID;
import org.jooq.DSLContext;

/** The model keys that owners keep here, as they are stored. */
final class OwnerKeyStore {
  private OwnerKeyStore() {}

  /**
   * @param sealed a Fernet token
   */
  record SealedKey(UUID id, String sealed) {}

  /** The owner's keys that may be used, newest first. */
  static List<SealedKey> active(DSLContext sql, UUID ownerId) {
    return sql.select(API_KEYS.ID, API_KEYS.ENCRYPTED_KEY)
        .from(API_KEYS)
        .where(API_KEYS.USER_ID.eq(ownerId))
        .and(API_KEYS.IS_ACTIVE)
        .orderBy(API_KEYS.CREATED_AT.desc(), API_KEYS.ID.desc())
        .fetch(row -> new SealedKey(row.value1(), row.value2()));
  }
}
