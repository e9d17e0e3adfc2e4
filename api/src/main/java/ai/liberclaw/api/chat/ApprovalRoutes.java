package ai.liberclaw.api.chat;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Questions of an agent about its tool calls. An agent serves many conversations and believes
 * whoever has its secret, so what is shown and decided here is held to the caller's own one.
 */
final class ApprovalRoutes {
  /** Agents use UUIDs; anything that would mean more than itself in a path is no such name. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,100}");

  private static final Set<String> DECISIONS = Set.of("once", "turn", "always", "deny");
  private static final String EXPECTED = "'once', 'turn', 'always' or 'deny'";
  private static final int BODY_BYTES_MAX = 16 * 1024;
  private static final int WORD_LENGTH_MAX = 20;

  private final AgentClient agents;
  private final Chats chats;

  ApprovalRoutes(AgentClient agents, Chats chats) {
    this.agents = agents;
    this.chats = chats;
  }

  void addTo(Router router) {
    router
        .get("/api/v1/chat/{agent_id}/approvals", this::list)
        .post("/api/v1/chat/{agent_id}/approvals/{approval_id}", this::decide);
  }

  private void list(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    ChatAgent agent = chats.agent(caller, exchange.uuid("agent_id"));
    AgentAddress address = Chats.running(agent);
    ObjectNode body = Json.object();
    try {
      body.set(
          "approvals",
          agents.knownCapabilities(address).approvals()
              ? approvals(address, Chats.id(caller, agent), false)
              : Json.array());
    } catch (AgentException _) {
      throw ChatErrors.unreachable();
    }
    exchange.send(body);
  }

  private void decide(Exchange exchange) throws IOException {
    Caller caller = Caller.of(exchange);
    UUID agentId = exchange.uuid("agent_id");
    String approvalId = exchange.path("approval_id");
    String decision = decision(exchange.json(BODY_BYTES_MAX));
    ChatAgent agent = chats.agent(caller, agentId);
    AgentAddress address = Chats.running(agent);
    try {
      if (!ID.matcher(approvalId).matches() || !agents.knownCapabilities(address).approvals()) {
        throw notFound();
      }
      String chatId = Chats.id(caller, agent);
      // Those that wait are few; the others are looked through only to tell late from wrong.
      if (!holds(approvals(address, chatId, false), approvalId)) {
        throw holds(approvals(address, chatId, true), approvalId) ? tooLate() : notFound();
      }
      agents.decide(address, approvalId, decision, "user:" + caller.userId());
    } catch (AgentException e) {
      throw switch (e.status()) {
        case 404 -> notFound();
        case 409 -> tooLate();
        default -> ChatErrors.unreachable();
      };
    }
    exchange.send(Json.object().put("status", "ok"));
  }

  private static String decision(Fields body) {
    String decision = body.text("decision", 1, WORD_LENGTH_MAX);
    if (!decision.isEmpty() && !DECISIONS.contains(decision)) {
      body.fault(
          "decision",
          "literal_error",
          "Input should be " + EXPECTED,
          Json.object().put("expected", EXPECTED));
    }
    body.check();
    return decision;
  }

  /** What the agent lists for this conversation, whatever else it may list. */
  private ArrayNode approvals(AgentAddress address, String chatId, boolean decided)
      throws AgentException {
    ArrayNode own = Json.array();
    for (JsonNode approval : agents.approvals(address, chatId, decided).path("approvals")) {
      if (approval.path("chat_id").asText().equals(chatId)) {
        own.add(approval);
      }
    }
    return own;
  }

  private static boolean holds(ArrayNode approvals, String id) {
    for (JsonNode approval : approvals) {
      if (approval.path("id").asText().equals(id)) {
        return true;
      }
    }
    return false;
  }

  private static Refusal notFound() {
    return new Refusal(404, "Approval not found");
  }

  private static Refusal tooLate() {
    return new Refusal(409, "Approval already decided or expired");
  }
}
