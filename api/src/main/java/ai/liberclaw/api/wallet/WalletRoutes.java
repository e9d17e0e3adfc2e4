package ai.liberclaw.api.wallet;

import ai.liberclaw.api.auth.ClientAddress;
import ai.liberclaw.api.auth.SignIn;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.jooq.DSLContext;

/** {@code /auth/wallet}: a challenge, and its signature. */
public final class WalletRoutes {
  private static final int BODY_BYTES_MAX = 512 * 1024;
  private static final int SIGNATURE_LENGTH_MAX = 400;
  private static final int NONCE_LENGTH_MAX = 100;

  private final WalletLogin wallets;
  private final ClientAddress addresses;

  private WalletRoutes(WalletLogin wallets, ClientAddress addresses) {
    this.wallets = wallets;
    this.addresses = addresses;
  }

  /**
   * @param site the web app, which the signed text names
   */
  public static WalletRoutes of(URI site, SignIn signIn, DSLContext sql, Clock clock) {
    return new WalletRoutes(
        new WalletLogin(sql, site, signIn.sessions(), signIn.limits(), clock), signIn.addresses());
  }

  public void addTo(Router router) {
    router
        .post("/api/v1/auth/wallet/challenge", this::challenge)
        .post("/api/v1/auth/wallet/verify", this::verify);
  }

  private void challenge(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    Optional<WalletAddress> address = WalletAddress.required(fields, "address");
    fields.check();
    SignInText text = wallets.challenge(address.orElseThrow(), addresses.limitSubject(exchange));
    exchange.send(Json.object().put("nonce", text.nonce()).put("message", text.text()));
  }

  private void verify(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    Optional<WalletAddress> address = WalletAddress.required(fields, "address");
    String signature = fields.text("signature", 0, SIGNATURE_LENGTH_MAX);
    String nonce = fields.text("nonce", 0, NONCE_LENGTH_MAX);
    fields.check();
    exchange.send(
        wallets
            .verify(
                address.orElseThrow(),
                signature,
                nonce,
                addresses.limitSubject(exchange),
                exchange.requestHeader("User-Agent").orElse(""))
            .json());
  }
}
