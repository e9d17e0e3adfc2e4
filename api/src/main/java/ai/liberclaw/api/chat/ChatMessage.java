package ai.liberclaw.api.chat;

import ai.liberclaw.api.idempotency.IdempotencyKey;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.deploy.client.AgentCapabilities;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/**
 * What a client sends to its agent.
 *
 * @param deltas the client wants text as it is made
 * @param approvals the client can ask its user about tool calls
 * @param key the client's own name for this message; a repeat under it runs no second turn
 */
record ChatMessage(String text, boolean deltas, boolean approvals, Optional<IdempotencyKey> key) {
  private static final int BODY_BYTES_MAX = 512 * 1024;
  private static final int LENGTH_MAX = 32_000;

  /**
   * @throws Invalid when the body or the key is not as it should be
   */
  static ChatMessage read(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String text = fields.text("message", 1, LENGTH_MAX);
    boolean deltas = fields.flag("deltas", false);
    boolean approvals = fields.flag("approvals", false);
    fields.check();
    Optional<IdempotencyKey> key = IdempotencyKey.of(exchange);
    return new ChatMessage(text, deltas, approvals, key);
  }

  /** Every type of event may be shown to this client. */
  boolean showsAll() {
    return deltas || approvals;
  }

  /** Tells a repeat of a request from another one under the same key. */
  String hash() {
    return Secrets.sha256Hex(deltas + " " + approvals + " " + text);
  }

  /** The body for the agent, with what this agent understands. */
  ObjectNode body(String chatId, AgentCapabilities agent) {
    ObjectNode body = Json.object().put("message", text).put("chat_id", chatId);
    if (deltas && agent.deltas()) {
      body.put("deltas", true);
    }
    if (approvals && agent.approvals()) {
      body.put("approvals", true);
    }
    if (agent.resume()) {
      key.ifPresent(id -> body.put("client_message_id", id.text()));
    }
    return body;
  }
}
