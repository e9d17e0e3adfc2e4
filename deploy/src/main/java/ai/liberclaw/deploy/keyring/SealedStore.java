package ai.liberclaw.deploy.keyring;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.API_KEYS;
import static ai.liberclaw.db.platform.Tables.HOSTS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static ai.liberclaw.db.platform.Tables.MAIL_OUTBOX;

import ai.liberclaw.core.secret.Envelope;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.InvalidTokenException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.TableField;

/** Every column that is sealed under the key ring. */
final class SealedStore {
  /** Puts a sealed text under the current key. */
  @FunctionalInterface
  interface Renewal {
    /**
     * @return empty when it is under the current key already
     * @throws InvalidTokenException when no key reads it
     */
    Optional<String> renewed(UUID id, String sealed);
  }

  /**
   * A column.
   *
   * @param name as an operator reads it: {@code table.column}
   */
  record Column<R extends Record>(
      String name,
      Table<R> table,
      TableField<R, UUID> id,
      TableField<R, String> sealed,
      Renewal renewal) {}

  record Row(UUID id, String sealed) {}

  private SealedStore() {}

  static List<Column<?>> columns(FernetKeys keys) {
    Renewal token = (_, sealed) -> keys.renewed(sealed);
    return List.of(
        new Column<>("agents.auth_token", AGENTS, AGENTS.ID, AGENTS.AUTH_TOKEN, token),
        new Column<>(
            "api_keys.encrypted_key", API_KEYS, API_KEYS.ID, API_KEYS.ENCRYPTED_KEY, token),
        new Column<>(
            "mail_outbox.content", MAIL_OUTBOX, MAIL_OUTBOX.ID, MAIL_OUTBOX.CONTENT, token),
        envelope("hosts", HOSTS, HOSTS.ID, HOSTS.SSH_KEY, keys.envelope()),
        envelope("instances", INSTANCES, INSTANCES.ID, INSTANCES.SSH_KEY, keys.envelope()));
  }

  private static <R extends Record> Column<R> envelope(
      String name,
      Table<R> table,
      TableField<R, UUID> id,
      TableField<R, String> sealed,
      Envelope envelope) {
    String column = sealed.getName();
    return new Column<>(
        name + "." + column,
        table,
        id,
        sealed,
        (row, text) -> {
          // Each value is bound to its row.
          Envelope.Place place = new Envelope.Place(name, column, row);
          String plain = envelope.open(text, place);
          return envelope.current(text)
              ? Optional.empty()
              : Optional.of(envelope.seal(plain, place));
        });
  }

  /** The next rows above an id, in its order. */
  static List<Row> page(DSLContext sql, Column<?> column, Optional<UUID> above, int rowsMax) {
    Condition filled = column.sealed().ne("");
    return sql.select(column.id(), column.sealed())
        .from(column.table())
        .where(above.map(id -> filled.and(column.id().gt(id))).orElse(filled))
        .orderBy(column.id())
        .limit(rowsMax)
        .fetch(row -> new Row(row.value1(), row.value2()));
  }

  /** False when the row has changed since it was read; it is then somebody's newer secret. */
  static <R extends Record> boolean replace(
      DSLContext sql, Column<R> column, Row row, String renewed) {
    return sql.update(column.table())
            .set(column.sealed(), renewed)
            .where(column.id().eq(row.id()))
            .and(column.sealed().eq(row.sealed()))
            .execute()
        == 1;
  }
}
