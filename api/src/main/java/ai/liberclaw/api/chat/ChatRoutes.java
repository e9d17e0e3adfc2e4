package ai.liberclaw.api.chat;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.api.usage.TierLimits;
import ai.liberclaw.api.usage.UsageStore;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.Optional;
import org.jooq.DSLContext;

/** {@code /chat}: everything about a conversation. Closing it ends its background threads. */
public final class ChatRoutes implements AutoCloseable {
  private static final long HISTORY_DEFAULT = 50;
  private static final long HISTORY_MAX = 200;

  private final AgentClient agents;
  private final Chats chats;
  private final TurnLeases leases;
  private final PendingInbox pending;
  private final RelayLimits limits;
  private final Relays relays;
  private final StreamRoutes streaming;
  private final ApprovalRoutes approvals;

  /**
   * @param finder says where an owner's agent answers
   * @param streams counts those of a user, whatever they are of
   */
  public ChatRoutes(
      DSLContext sql,
      AgentFinder finder,
      AgentClient agents,
      OpenStreams streams,
      UsageStore usage,
      TierLimits tiers,
      RelayLimits limits,
      Clock clock) {
    this.agents = agents;
    this.chats = new Chats(finder);
    this.leases = new TurnLeases(new TurnLeaseStore(sql), clock);
    this.pending = new PendingInbox(agents, new PendingStore(sql), clock);
    this.limits = limits;
    this.relays = new Relays(streams);
    this.streaming =
        new StreamRoutes(
            agents,
            chats,
            streams,
            relays,
            leases,
            new MessageQuota(sql, usage, tiers, clock),
            pending,
            limits);
    this.approvals = new ApprovalRoutes(agents, chats);
  }

  public void addTo(Router router) {
    streaming.addTo(router);
    approvals.addTo(router);
    router
        .delete("/api/v1/chat/{agent_id}", this::clear)
        // Both hand over messages, which nobody gets a second time.
        .getWithoutHead("/api/v1/chat/{agent_id}/history", this::history)
        .getWithoutHead("/api/v1/chat/{agent_id}/pending", this::pending)
        .get("/api/v1/chat/{agent_id}/active", this::active)
        .post("/api/v1/chat/{agent_id}/stop", this::stop);
  }

  /** Tells the clients of open streams to come back later, and closes the agents' sides. */
  public void drain() {
    relays.drain();
  }

  @Override
  public void close() {
    leases.close();
    pending.close();
  }

  private void history(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    var agentId = exchange.uuid("agent_id");
    long limit = exchange.queryInteger("limit", HISTORY_DEFAULT, 1, HISTORY_MAX);
    boolean strict = exchange.queryFlag("strict", false);
    ChatAgent agent = chats.agent(caller, agentId);
    Optional<AgentAddress> address = agent.address();
    ArrayNode messages = Json.array();
    try {
      if (address.isPresent()) {
        JsonNode answer = agents.history(address.get(), Chats.id(caller, agent), limit);
        answer.path("messages").forEach(messages::add);
      }
    } catch (AgentException _) {
      if (strict) {
        throw ChatErrors.unreachable();
      }
      // The app can't tell a failure from a new chat, and shows nothing either way.
      sendMessages(exchange, messages);
      return;
    }
    if (address.isPresent()) {
      pending.collect(agent, limits.pendingWait());
    }
    pending.deliver(
        agent.id(),
        rows -> {
          rows.forEach(row -> messages.add(PendingInbox.event(row)));
          sendMessages(exchange, messages);
          return rows.size();
        });
  }

  private void pending(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    ChatAgent agent = chats.agent(caller, exchange.uuid("agent_id"));
    if (agent.address().isPresent()) {
      pending.collect(agent, limits.pendingWait());
    }
    ArrayNode messages = Json.array();
    pending.deliver(
        agent.id(),
        rows -> {
          for (PendingStore.Row row : rows) {
            messages
                .addObject()
                .put("chat_id", row.chatId())
                .put("content", row.content())
                .put("source", row.source())
                .put("created_at", row.createdAt());
          }
          sendMessages(exchange, messages);
          return rows.size();
        });
  }

  private void clear(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    ChatAgent agent = chats.agent(caller, exchange.uuid("agent_id"));
    AgentAddress address = agent.address().orElseThrow(() -> new Refusal(400, "Agent has no VM"));
    try {
      agents.clear(address, Chats.id(caller, agent));
    } catch (AgentException _) {
      throw new Refusal(502, "Failed to clear chat on agent VM");
    }
    exchange.sendNothing();
  }

  private void active(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    ChatAgent agent = chats.agent(caller, exchange.uuid("agent_id"));
    AgentAddress address = Chats.running(agent);
    String chatId = Chats.id(caller, agent);
    try {
      exchange.send(
          isLeased(address, chatId)
              ? activity(leases.isRunning(chatId), Json.object())
              : relayedActivity(address, chatId));
    } catch (AgentException _) {
      throw ChatErrors.unreachable();
    }
  }

  private ObjectNode relayedActivity(AgentAddress address, String chatId) throws AgentException {
    JsonNode answer = agents.active(address, chatId);
    return activity(answer.path("active").asBoolean(), answer);
  }

  /**
   * @param turn says more of the turn, where the agent does
   */
  private static ObjectNode activity(boolean active, JsonNode turn) {
    ObjectNode body =
        Json.object().put("active", active).put("mode", turn.path("mode").asText("chat"));
    JsonNode message = turn.path("user_message");
    body.set("user_message", message.isMissingNode() ? Json.object().textNode("") : message);
    return body;
  }

  private void stop(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    ChatAgent agent = chats.agent(caller, exchange.uuid("agent_id"));
    AgentAddress address = Chats.running(agent);
    String chatId = Chats.id(caller, agent);
    boolean cancelled;
    try {
      cancelled =
          isLeased(address, chatId)
              ? leases.stop(chatId)
              : agents.stop(address, chatId).path("cancelled").asBoolean();
    } catch (AgentException _) {
      throw ChatErrors.unreachable();
    }
    exchange.send(Json.object().put("status", "ok").put("cancelled", cancelled));
  }

  /**
   * Whether a lease of ours, and not the agent, says what runs. One that is held says so by itself:
   * an original agent may be too busy with its turn to answer anything else.
   */
  private boolean isLeased(AgentAddress address, String chatId) throws AgentException {
    return leases.isRunning(chatId) || !agents.knownCapabilities(address).resume();
  }

  private static void sendMessages(Exchange exchange, ArrayNode messages) {
    ObjectNode body = Json.object();
    body.set("messages", messages);
    exchange.send(body);
  }
}
