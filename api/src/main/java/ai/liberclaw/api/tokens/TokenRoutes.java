package ai.liberclaw.api.tokens;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.auth.PersonalTokens;
import ai.liberclaw.api.auth.Scope;
import ai.liberclaw.api.users.UserStore;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** {@code /users/me/tokens}. A token's value is in the answer to its making and nowhere else. */
public final class TokenRoutes {
  private static final String PATH = "/api/v1/users/me/tokens";
  private static final int BODY_BYTES_MAX = 64 * 1024;
  private static final int NAME_LENGTH_MAX = 100;
  private static final int SCOPES_MAX = 32;
  private static final int SCOPE_LENGTH_MAX = 64;
  private static final int DAYS_MAX = 365;
  private static final int LIVE_TOKENS_MAX = 20;

  /** Characters of a token that are shown afterwards. */
  private static final int PREFIX_LENGTH = 11;

  private final DSLContext sql;
  private final Clock clock;
  private final TokenStore tokens = new TokenStore();

  public TokenRoutes(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  public void addTo(Router router) {
    router
        .get(PATH, this::list)
        .post(PATH, this::create)
        .delete(PATH + "/{token_id}", this::revoke);
  }

  private void list(Exchange exchange) {
    ArrayNode list = Json.array();
    tokens.list(sql, Caller.of(exchange).userId()).forEach(token -> list.add(token.json()));
    exchange.send(list);
  }

  private void create(Exchange exchange) throws IOException {
    UUID user = Caller.of(exchange).userId();
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String name = fields.text("name", 1, NAME_LENGTH_MAX);
    List<String> asked = fields.texts("scopes", 1, SCOPES_MAX, SCOPE_LENGTH_MAX);
    Optional<Long> days = fields.optionalInteger("expires_in_days", 1, DAYS_MAX);
    fields.check();
    List<String> scopes = known(asked);
    String value = PersonalTokens.newValue();
    Instant now = now();
    PersonalToken token =
        new PersonalToken(
            UUID.randomUUID(),
            name,
            scopes,
            value.substring(0, PREFIX_LENGTH),
            now,
            days.map(count -> now.plus(Duration.ofDays(count))),
            Optional.empty());
    sql.transaction(tx -> {
      UserStore.lock(tx.dsl(), user);
      if (tokens.countLive(tx.dsl(), user, now) >= LIVE_TOKENS_MAX) {
        throw new Refusal(400, "Token limit reached (" + LIVE_TOKENS_MAX + ")");
      }
      tokens.insert(tx.dsl(), user, token, Secrets.sha256Hex(value));
    });
    exchange.send(201, token.json().put("token", value));
  }

  private void revoke(Exchange exchange) {
    UUID user = Caller.of(exchange).userId();
    if (!tokens.revoke(sql, user, exchange.uuid("token_id"), now())) {
      throw new Refusal(404, "Token not found");
    }
    exchange.sendNothing();
  }

  /** The same scopes without repetitions. */
  private static List<String> known(List<String> asked) {
    List<String> unknown = asked.stream().filter(key -> Scope.of(key).isEmpty()).toList();
    if (!unknown.isEmpty()) {
      throw new Refusal(400, "Unknown scopes: " + String.join(", ", unknown));
    }
    return asked.stream().distinct().toList();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
