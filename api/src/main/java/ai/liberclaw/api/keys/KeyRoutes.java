package ai.liberclaw.api.keys;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.users.UserStore;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.InvalidTokenException;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jooq.DSLContext;

/** {@code /users/me/api-keys}. A key that was stored is never shown again. */
public final class KeyRoutes {
  private static final String PATH = "/api/v1/users/me/api-keys";
  private static final int BODY_BYTES_MAX = 64 * 1024;
  private static final int KEY_LENGTH_MAX = 512;
  private static final int LABEL_LENGTH_MAX = 100;
  private static final int KEYS_MAX = 10;
  private static final String DEFAULT_LABEL = "default";

  /** Printable ASCII; no blank, which a header would not carry at either end. */
  private static final Pattern PRINTABLE = Pattern.compile("^[!-~]+$");

  private final DSLContext sql;
  private final FernetKeys encryption;
  private final Clock clock;
  private final KeyStore keys = new KeyStore();

  public KeyRoutes(DSLContext sql, FernetKeys encryption, Clock clock) {
    this.sql = sql;
    this.encryption = encryption;
    this.clock = clock;
  }

  public void addTo(Router router) {
    router.get(PATH, this::list).post(PATH, this::create).delete(PATH + "/{key_id}", this::delete);
  }

  private void list(Exchange exchange) {
    UUID user = Caller.of(exchange).userId();
    ArrayNode list = Json.array();
    keys.list(sql, user).forEach(row -> list.add(masked(user, row).json()));
    exchange.send(list);
  }

  private void create(Exchange exchange) throws IOException {
    UUID user = Caller.of(exchange).userId();
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String value = fields.text("key", KeyMask.KEY_LENGTH_MIN, KEY_LENGTH_MAX);
    if (!value.isEmpty() && !PRINTABLE.matcher(value).matches()) {
      fields.fault(
          "key",
          "string_pattern_mismatch",
          "String should match pattern '" + PRINTABLE + "'",
          Json.object().put("pattern", PRINTABLE.pattern()));
    }
    String label = fields.optionalText("label", 0, LABEL_LENGTH_MAX).orElse(DEFAULT_LABEL);
    fields.check();
    ApiKey key =
        new ApiKey(
            UUID.randomUUID(),
            label,
            KeyMask.of(value),
            true,
            clock.instant().truncatedTo(ChronoUnit.MICROS));
    String sealed = encryption.encrypt(value);
    sql.transaction(tx -> {
      UserStore.lock(tx.dsl(), user);
      if (keys.count(tx.dsl(), user) >= KEYS_MAX) {
        throw new Refusal(400, "API key limit reached (" + KEYS_MAX + ")");
      }
      keys.insert(tx.dsl(), user, key, sealed);
    });
    exchange.send(201, key.json());
  }

  private void delete(Exchange exchange) {
    UUID user = Caller.of(exchange).userId();
    if (!keys.delete(sql, user, exchange.uuid("key_id"))) {
      throw new Refusal(404, "API key not found");
    }
    exchange.sendNothing();
  }

  /** With the mask of a key that the original stored, which is decrypted for it once. */
  private ApiKey masked(UUID user, KeyStore.Row row) {
    if (row.sealed().isEmpty()) {
      return row.key();
    }
    ApiKey key = row.key();
    try {
      String mask = KeyMask.of(encryption.decrypt(row.sealed().get()));
      keys.setMask(sql, user, key.id(), mask);
      return new ApiKey(key.id(), key.label(), mask, key.isActive(), key.createdAt());
    } catch (InvalidTokenException _) {
      // Not stored: the operator may give the key back that reads it.
      return key;
    }
  }
}
