package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code /auth}: sign in, refresh, sign out. */
public final class AuthRoutes {
  private static final int BODY_BYTES_MAX = 512 * 1024;
  private static final int TOKEN_LENGTH_MAX = 4096;
  private static final Pattern CODE = Pattern.compile("^\\d{6}$");

  private final SignIn signIn;

  public AuthRoutes(SignIn signIn) {
    this.signIn = signIn;
  }

  public void addTo(Router router) {
    router
        .post("/api/v1/auth/guest", this::guest)
        .post("/api/v1/auth/login/email", this::sendMail)
        .post("/api/v1/auth/verify-magic-link", this::verify)
        // The app's link screen adds the prefix to a base that has it already.
        .post("/api/v1/api/v1/auth/verify-magic-link", this::verify)
        .post("/api/v1/auth/refresh", this::refresh)
        .post("/api/v1/auth/logout", this::logout)
        .post("/api/v1/auth/logout/all", this::logoutAll);
  }

  private void guest(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    // One too long is a 400 as an empty one is.
    String deviceId = fields.text("device_id", 0, Integer.MAX_VALUE);
    fields.check();
    TokenPair pair =
        signIn
            .guests()
            .signIn(deviceId, signIn.addresses().limitSubject(exchange), device(exchange));
    exchange.send(pair.json());
  }

  private void sendMail(Exchange exchange) throws IOException {
    EmailLogin emails = emails();
    Fields fields = exchange.json(BODY_BYTES_MAX);
    Optional<EmailAddress> email = EmailAddress.required(fields, "email");
    fields.check();
    emails.send(email.orElseThrow(), signIn.addresses().limitSubject(exchange));
    exchange.send(
        Json.object().put("message", "If this email is valid, a magic link has been sent."));
  }

  private void verify(Exchange exchange) throws IOException {
    Optional<Caller> guest =
        signIn.authentication().optional(exchange).filter(c -> c.tier().equals(Tier.GUEST));
    Fields fields = exchange.json(BODY_BYTES_MAX);
    Optional<String> token = fields.optionalText("token", 0, TOKEN_LENGTH_MAX);
    Optional<EmailAddress> email = EmailAddress.optional(fields, "email");
    Optional<String> code = fields.optionalText("code", CODE);
    fields.check();
    if (token.isEmpty() && (email.isEmpty() || code.isEmpty())) {
      throw new Refusal(400, "Provide either token or email+code");
    }
    EmailLogin emails = emails();
    TokenPair pair =
        token.isPresent()
            ? emails.verifyToken(token.get(), guest, device(exchange))
            : emails.verifyCode(email.orElseThrow(), code.orElseThrow(), guest, device(exchange));
    exchange.send(pair.json());
  }

  private void refresh(Exchange exchange) throws IOException {
    String token = refreshToken(exchange);
    String client = signIn.addresses().limitSubject(exchange);
    exchange.send(signIn.sessions().refresh(token, client, device(exchange)).json());
  }

  private void logout(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    // Whatever it is, it is signed out afterwards: no length is refused.
    String token = fields.text("refresh_token", 0, Integer.MAX_VALUE);
    fields.check();
    signIn.sessions().close(token);
    exchange.sendNothing();
  }

  private void logoutAll(Exchange exchange) {
    signIn.sessions().closeAll(Caller.of(exchange).userId());
    exchange.sendNothing();
  }

  private EmailLogin emails() {
    return signIn
        .emails()
        .orElseThrow(() ->
            new Refusal(501, "Magic link auth not configured (set LIBERCLAW_MAGIC_LINK_SECRET)"));
  }

  private static String refreshToken(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String token = fields.text("refresh_token", 0, TOKEN_LENGTH_MAX);
    fields.check();
    return token;
  }

  private static String device(Exchange exchange) {
    return exchange.requestHeader("User-Agent").orElse("");
  }
}
