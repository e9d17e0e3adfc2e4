package ai.liberclaw.api.chat;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentCapabilities;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.exception.DataAccessException;

/** Sends messages and reads their turns: the routes of {@code /chat} that stream. */
final class StreamRoutes {
  private static final Duration TURN_POLL = Duration.ofMillis(500);
  private static final Logger LOG = System.getLogger(StreamRoutes.class.getName());

  private final AgentClient agents;
  private final Chats chats;
  private final OpenStreams streams;
  private final Relays relays;
  private final TurnLeases leases;
  private final MessageQuota quota;
  private final PendingInbox pending;
  private final RelayLimits limits;

  StreamRoutes(
      AgentClient agents,
      Chats chats,
      OpenStreams streams,
      Relays relays,
      TurnLeases leases,
      MessageQuota quota,
      PendingInbox pending,
      RelayLimits limits) {
    this.agents = agents;
    this.chats = chats;
    this.streams = streams;
    this.relays = relays;
    this.leases = leases;
    this.quota = quota;
    this.pending = pending;
    this.limits = limits;
  }

  void addTo(Router router) {
    router
        .post("/api/v1/chat/{agent_id}", this::send)
        .getWithoutHead("/api/v1/chat/{agent_id}/stream", this::read);
  }

  private void send(Exchange exchange) throws Exception {
    Caller caller = Caller.of(exchange);
    UUID agentId = exchange.uuid("agent_id");
    ChatMessage message = ChatMessage.read(exchange);
    ChatAgent agent = chats.agent(caller, agentId);
    AgentAddress address = Chats.running(agent);
    AgentCapabilities capabilities = agents.capabilities(address);
    String chatId = Chats.id(caller, agent);
    try (OpenStreams.Place _ = streams.open(caller.userId())) {
      Optional<TurnLeases.Lease> lease = admit(capabilities, chatId, agentId);
      if (lease.isEmpty() && !capabilities.queue()) {
        // The turn that is in the way may be this message's own.
        throw quota.isRepeat(caller, agent, message) ? alreadySent() : ChatErrors.busy();
      }
      MessageQuota.Accepted accepted;
      try {
        accepted = quota.accept(caller, agent, message);
        if (accepted.isRepeat() && !capabilities.resume()) {
          throw alreadySent();
        }
      } catch (RuntimeException e) {
        lease.ifPresent(TurnLeases.Lease::release);
        throw e;
      }
      Relay relay =
          new Relay(
              new MessageTurn(
                  agents,
                  agent,
                  address,
                  capabilities,
                  chatId,
                  message,
                  quota,
                  accepted,
                  lease,
                  pending,
                  limits),
              limits);
      lease.ifPresent(held -> held.onStop(relay::stop));
      relays.serve(relay, exchange);
    }
  }

  /** Agents without a queue get one turn of a conversation at a time. */
  private Optional<TurnLeases.Lease> admit(
      AgentCapabilities capabilities, String chatId, UUID agentId) {
    return capabilities.queue() ? Optional.empty() : leases.take(chatId, agentId);
  }

  private static Refusal alreadySent() {
    return new Refusal(409, "Message already sent");
  }

  private void read(Exchange exchange) throws Exception {
    Caller caller = Caller.of(exchange);
    UUID agentId = exchange.uuid("agent_id");
    Optional<Long> after = after(exchange);
    boolean follow = exchange.queryFlag("follow", false);
    boolean deltas = exchange.queryFlag("deltas", true);
    ChatAgent agent = chats.agent(caller, agentId);
    AgentAddress address = Chats.running(agent);
    String chatId = Chats.id(caller, agent);
    try (OpenStreams.Place _ = streams.open(caller.userId())) {
      if (canReplay(address)) {
        Relay relay =
            new Relay(new ReplayedTurns(agents, address, chatId, after, follow, deltas), limits);
        relays.serve(relay, exchange);
      } else {
        awaitTurn(exchange, chatId);
      }
    }
  }

  /**
   * An agent that has never answered yet may be one that can: a reader of such a one must hear that
   * it is away, not that nothing runs.
   */
  private boolean canReplay(AgentAddress address) {
    try {
      return agents.knownCapabilities(address).resume();
    } catch (AgentException _) {
      return true;
    }
  }

  /** The turn of an agent that cannot show it again: its end is all there is to see. */
  private void awaitTurn(Exchange exchange, String chatId) throws Exception {
    ClientStream client = new ClientStream(exchange, limits);
    boolean _ = client.keepalive();
    try {
      while (!streams.isStopping() && leases.isRunning(chatId)) {
        Thread.sleep(TURN_POLL);
      }
      if (streams.isStopping()) {
        client.restart(true);
      } else {
        boolean _ = client.send(Json.object().put("type", EventType.DONE));
      }
    } catch (DataAccessException e) {
      LOG.log(Level.WARNING, "turn_lease.unread", e);
      boolean _ = client.fail(ChatErrors.lost());
    }
    client.close();
  }

  /** The number above which events are wanted; a reconnecting browser's header wins. */
  private static Optional<Long> after(Exchange exchange) {
    long query = exchange.queryInteger("after", -1, 0, Long.MAX_VALUE);
    Optional<String> header = exchange.requestHeader("Last-Event-ID");
    if (header.isEmpty()) {
      return query < 0 ? Optional.empty() : Optional.of(query);
    }
    try {
      long number = Long.parseLong(header.get().strip());
      if (number >= 0) {
        return Optional.of(number);
      }
    } catch (NumberFormatException _) {
      // Refused below, as a negative one is.
    }
    throw new Invalid(
        Invalid.Fault.of(
            "int_parsing",
            List.of("header", "last-event-id"),
            "Input should be a valid integer greater than or equal to 0"));
  }
}
