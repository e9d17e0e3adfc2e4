package ai.liberclaw.api.idtoken;

import ai.liberclaw.api.auth.Authentication;
import ai.liberclaw.api.auth.ClientAddress;
import ai.liberclaw.api.auth.ExternalLogin;
import ai.liberclaw.api.auth.SignIn;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.jooq.DSLContext;

/** {@code /auth/mobile}: the ID tokens that phones bring. */
public final class IdTokenRoutes {
  private static final int BODY_BYTES_MAX = 512 * 1024;
  private static final int TOKEN_LENGTH_MAX = 4096;
  private static final int NAME_LENGTH_MAX = 100;

  private final IdTokenLogin logins;
  private final Authentication authentication;
  private final ClientAddress addresses;

  private IdTokenRoutes(
      IdTokenLogin logins, Authentication authentication, ClientAddress addresses) {
    this.logins = logins;
    this.authentication = authentication;
    this.addresses = addresses;
  }

  public static IdTokenRoutes of(
      IdTokenSettings settings, SignIn signIn, DSLContext sql, Clock clock) {
    IdTokenLogin logins =
        new IdTokenLogin(
            settings, sql, new ExternalLogin(clock), signIn.sessions(), signIn.limits(), clock);
    return new IdTokenRoutes(logins, signIn.authentication(), signIn.addresses());
  }

  public void addTo(Router router) {
    router
        .post("/api/v1/auth/mobile/google", this::google)
        .post("/api/v1/auth/mobile/apple", this::apple);
  }

  private void google(Exchange exchange) throws IOException {
    IdTokenLogin.Request request = request(exchange);
    logins.requireGoogle();
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String token = fields.text("id_token", 0, TOKEN_LENGTH_MAX);
    fields.check();
    exchange.send(logins.google(token, request).json());
  }

  private void apple(Exchange exchange) throws IOException {
    IdTokenLogin.Request request = request(exchange);
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String token = fields.text("identity_token", 0, TOKEN_LENGTH_MAX);
    Optional<String> fullName = fields.optionalText("full_name", 0, NAME_LENGTH_MAX);
    fields.check();
    exchange.send(logins.apple(token, fullName, request).json());
  }

  /** Before the body is read: a guest whose token expired must not get a new, empty account. */
  private IdTokenLogin.Request request(Exchange exchange) {
    return new IdTokenLogin.Request(
        authentication.optional(exchange),
        addresses.limitSubject(exchange),
        exchange.requestHeader("User-Agent").orElse(""));
  }
}
