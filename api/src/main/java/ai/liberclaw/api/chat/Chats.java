package ai.liberclaw.api.chat;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.client.AgentAddress;
import java.util.UUID;

/** Finds the conversation a request is about. */
final class Chats {
  private final AgentFinder agents;

  Chats(AgentFinder agents) {
    this.agents = agents;
  }

  /** The name of the web conversation of an owner with an agent, as the agent knows it. */
  static String id(Caller caller, ChatAgent agent) {
    return caller.userId() + ":" + agent.id();
  }

  /**
   * @throws Refusal 404 when the caller has no such agent
   */
  ChatAgent agent(Caller caller, UUID agentId) {
    return agents
        .find(caller.userId(), agentId)
        .orElseThrow(() -> new Refusal(404, "Agent not found"));
  }

  /**
   * @throws Refusal 400 when the agent takes no messages now
   */
  static AgentAddress running(ChatAgent agent) {
    return agent
        .address()
        .filter(_ -> agent.running())
        .orElseThrow(() -> new Refusal(400, "Agent is not running"));
  }
}
