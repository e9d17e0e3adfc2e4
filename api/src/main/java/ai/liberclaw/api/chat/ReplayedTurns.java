package ai.liberclaw.api.chat;

import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.client.AgentStream;
import java.util.Optional;

/**
 * The events of a chat above a number, across turns: {@code GET /chat/…/stream}.
 *
 * @param after empty for the running turn from its start
 */
record ReplayedTurns(
    AgentClient agents,
    AgentAddress address,
    String chatId,
    Optional<Long> after,
    boolean follow,
    boolean deltas)
    implements Relay.Turn {
  @Override
  public AgentStream open() throws AgentException {
    return agents.events(address, chatId, after, follow, deltas);
  }

  @Override
  public boolean showsAll() {
    return true;
  }

  @Override
  public boolean endsWithDone() {
    return false;
  }

  @Override
  public boolean resumes() {
    return true;
  }

  @Override
  public void ended(Relay.Ending ending) {}

  @Override
  public void afterDone(ClientStream client) {}
}
