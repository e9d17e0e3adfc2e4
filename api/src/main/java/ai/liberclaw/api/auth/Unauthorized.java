package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import java.util.Map;

/** The 401 answers. Clients refresh their tokens on 401 and on nothing else. */
final class Unauthorized {
  private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Bearer");

  private Unauthorized() {}

  static Refusal notAuthenticated() {
    return new Refusal(401, "Not authenticated", CHALLENGE);
  }

  static Refusal badToken() {
    return new Refusal(401, "Invalid or expired token", CHALLENGE);
  }

  static Refusal because(String reason) {
    return new Refusal(401, reason);
  }
}
