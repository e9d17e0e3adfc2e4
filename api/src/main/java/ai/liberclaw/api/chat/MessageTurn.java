package ai.liberclaw.api.chat;

import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentCapabilities;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.client.AgentStream;
import java.time.Duration;
import java.util.Optional;

/** The stream of a message's own turn: {@code POST /chat}. */
final class MessageTurn implements Relay.Turn {
  /** So long a turn may take without others having brought messages meanwhile. */
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final long begun = System.nanoTime();
  private final AgentClient agents;
  private final ChatAgent agent;
  private final AgentAddress address;
  private final AgentCapabilities capabilities;
  private final String chatId;
  private final ChatMessage message;
  private final MessageQuota quota;
  private final MessageQuota.Accepted accepted;
  private final Optional<TurnLeases.Lease> lease;
  private final PendingInbox pending;
  private final RelayLimits limits;

  MessageTurn(
      AgentClient agents,
      ChatAgent agent,
      AgentAddress address,
      AgentCapabilities capabilities,
      String chatId,
      ChatMessage message,
      MessageQuota quota,
      MessageQuota.Accepted accepted,
      Optional<TurnLeases.Lease> lease,
      PendingInbox pending,
      RelayLimits limits) {
    this.agents = agents;
    this.agent = agent;
    this.address = address;
    this.capabilities = capabilities;
    this.chatId = chatId;
    this.message = message;
    this.quota = quota;
    this.accepted = accepted;
    this.lease = lease;
    this.pending = pending;
    this.limits = limits;
  }

  @Override
  public AgentStream open() throws AgentException {
    return agents.chat(address, message.body(chatId, capabilities));
  }

  @Override
  public boolean showsAll() {
    return message.showsAll();
  }

  @Override
  public boolean endsWithDone() {
    return true;
  }

  @Override
  public boolean resumes() {
    return capabilities.resume();
  }

  @Override
  public void ended(Relay.Ending ending) {
    // Before the client reads its end, so that the next message finds the way free.
    lease.ifPresent(TurnLeases.Lease::release);
    switch (ending) {
      case REACHED -> {}
      case NOT_REACHED -> quota.giveBack(accepted);
    }
  }

  @Override
  public void afterDone(ClientStream client) {
    boolean collected = pending.collect(agent, limits.pendingWait());
    boolean lasted = System.nanoTime() - begun > SHORT.toNanos();
    if (!collected && !agent.messagesWait() && !lasted) {
      return;
    }
    pending.deliver(
        agent.id(),
        rows -> {
          int taken = 0;
          while (taken < rows.size() && client.send(PendingInbox.event(rows.get(taken)))) {
            taken++;
          }
          return taken;
        });
  }
}
