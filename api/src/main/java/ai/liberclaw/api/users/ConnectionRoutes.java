package ai.liberclaw.api.users;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.UUID;
import org.jooq.DSLContext;

/** {@code /users/me/connections}. The last way into an account cannot be removed. */
public final class ConnectionRoutes {
  private static final String PATH = "/api/v1/users/me/connections";

  private final DSLContext sql;
  private final ConnectionStore connections = new ConnectionStore();

  public ConnectionRoutes(DSLContext sql) {
    this.sql = sql;
  }

  public void addTo(Router router) {
    router.get(PATH, this::list).delete(PATH + "/{connection_id}", this::delete);
  }

  private void list(Exchange exchange) {
    ArrayNode list = Json.array();
    connections.list(sql, Caller.of(exchange).userId()).forEach(c -> list.add(c.json()));
    exchange.send(list);
  }

  private void delete(Exchange exchange) {
    UUID user = Caller.of(exchange).userId();
    UUID id = exchange.uuid("connection_id");
    sql.transaction(tx -> {
      // Two removals at once would each see the other's connection remain.
      UserStore.lock(tx.dsl(), user);
      if (!connections.delete(tx.dsl(), user, id)) {
        throw new Refusal(404, "Connection not found");
      }
      if (connections.count(tx.dsl(), user) == 0 && !UserStore.signsInAlone(tx.dsl(), user)) {
        // Undoes the removal.
        throw new Refusal(400, "Cannot remove last authentication method");
      }
    });
    exchange.sendNothing();
  }
}
