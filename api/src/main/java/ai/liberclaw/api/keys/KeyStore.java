package ai.liberclaw.api.keys;

import static ai.liberclaw.db.platform.Tables.API_KEYS;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** The keys of users, each a Fernet token. Whose they are is part of every query. */
final class KeyStore {
  /**
   * A row.
   *
   * @param sealed the Fernet token where no mask is stored, as the original left it; else empty
   */
  record Row(ApiKey key, Optional<String> sealed) {}

  void insert(DSLContext sql, UUID userId, ApiKey key, String sealed) {
    sql.insertInto(API_KEYS)
        .set(API_KEYS.ID, key.id())
        .set(API_KEYS.USER_ID, userId)
        .set(API_KEYS.LABEL, key.label())
        .set(API_KEYS.ENCRYPTED_KEY, sealed)
        .set(API_KEYS.MASKED_KEY, key.maskedKey())
        .set(API_KEYS.IS_ACTIVE, key.isActive())
        .set(API_KEYS.CREATED_AT, key.createdAt())
        .execute();
  }

  int count(DSLContext sql, UUID userId) {
    return sql.fetchCount(API_KEYS, API_KEYS.USER_ID.eq(userId));
  }

  /** Newest first. */
  List<Row> list(DSLContext sql, UUID userId) {
    return sql.selectFrom(API_KEYS)
        .where(API_KEYS.USER_ID.eq(userId))
        .orderBy(API_KEYS.CREATED_AT.desc(), API_KEYS.ID.desc())
        .fetch(row -> {
          Optional<String> mask = Optional.ofNullable(row.getMaskedKey());
          return new Row(
              new ApiKey(
                  row.getId(),
                  row.getLabel(),
                  mask.orElse(KeyMask.HIDDEN),
                  row.getIsActive(),
                  row.getCreatedAt()),
              mask.isPresent() ? Optional.empty() : Optional.of(row.getEncryptedKey()));
        });
  }

  void setMask(DSLContext sql, UUID userId, UUID id, String mask) {
    sql.update(API_KEYS)
        .set(API_KEYS.MASKED_KEY, mask)
        .where(API_KEYS.ID.eq(id))
        .and(API_KEYS.USER_ID.eq(userId))
        .execute();
  }

  /** False when the user has no such key. */
  boolean delete(DSLContext sql, UUID userId, UUID id) {
    return sql.deleteFrom(API_KEYS)
            .where(API_KEYS.ID.eq(id))
            .and(API_KEYS.USER_ID.eq(userId))
            .execute()
        == 1;
  }
}
