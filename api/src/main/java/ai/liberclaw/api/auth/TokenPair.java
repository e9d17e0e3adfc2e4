package ai.liberclaw.api.auth;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** What every sign-in and every refresh answers. */
public record TokenPair(String accessToken, String refreshToken, Duration expiresIn) {
  public ObjectNode json() {
    return Json.object()
        .put("access_token", accessToken)
        .put("refresh_token", refreshToken)
        .put("token_type", "bearer")
        .put("expires_in", expiresIn.toSeconds());
  }
}
