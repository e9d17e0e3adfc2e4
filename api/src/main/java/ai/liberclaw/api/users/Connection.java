package ai.liberclaw.api.users;

import ai.liberclaw.api.web.Times;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A way to sign in that is somebody else's proof: an account elsewhere, or a wallet. */
sealed interface Connection {
  ObjectNode json();

  /** An account at a provider; the e-mail is what the provider told. */
  record Oauth(UUID id, String provider, Optional<String> email, Instant createdAt)
      implements Connection {
    @Override
    public ObjectNode json() {
      return Json.object()
          .put("id", id.toString())
          .put("type", "oauth")
          .put("provider", provider)
          .putNull("chain")
          .putNull("address")
          .put("email", email.orElse(null))
          .put("created_at", Times.text(createdAt));
    }
  }

  /** A wallet. */
  record Wallet(UUID id, String chain, String address, Instant createdAt) implements Connection {
    @Override
    public ObjectNode json() {
      return Json.object()
          .put("id", id.toString())
          .put("type", "wallet")
          .putNull("provider")
          .put("chain", chain)
          .put("address", address)
          .putNull("email")
          .put("created_at", Times.text(createdAt));
    }
  }
}
