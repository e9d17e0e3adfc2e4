package ai.liberclaw.api.users;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.util.Optional;

/** {@code /users/me}. */
public final class UserRoutes {
  private static final int BODY_BYTES_MAX = 512 * 1024;
  private static final int DISPLAY_NAME_LENGTH_MAX = 100;

  private final UserStore users;
  private final Erasure erasure;

  public UserRoutes(UserStore users, Erasure erasure) {
    this.users = users;
    this.erasure = erasure;
  }

  public void addTo(Router router) {
    router
        .get("/api/v1/users/me", this::get)
        .patch("/api/v1/users/me", this::update)
        .delete("/api/v1/users/me", this::erase);
  }

  private void get(Exchange exchange) {
    send(exchange, users.find(Caller.of(exchange).userId()));
  }

  private void update(Exchange exchange) throws IOException {
    Caller caller = Caller.of(exchange);
    Fields fields = exchange.json(BODY_BYTES_MAX);
    Optional<String> name = fields.optionalText("display_name", 0, DISPLAY_NAME_LENGTH_MAX);
    Optional<Boolean> showToolCalls = fields.optionalFlag("show_tool_calls");
    fields.check();
    // Sent as null it clears the name; not sent, it leaves it.
    boolean named = fields.has("display_name");
    send(
        exchange, users.update(caller.userId(), new UserStore.Changes(named, name, showToolCalls)));
  }

  private void erase(Exchange exchange) {
    if (!erasure.erase(Caller.of(exchange).userId())) {
      throw gone();
    }
    exchange.sendNothing();
  }

  private static void send(Exchange exchange, Optional<UserProfile> user) {
    exchange.send(user.orElseThrow(UserRoutes::gone).json());
  }

  /** Erased between the check of the token and now. */
  private static Refusal gone() {
    return new Refusal(401, "User not found");
  }
}
