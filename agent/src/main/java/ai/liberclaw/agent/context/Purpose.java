package ai.liberclaw.agent.context;

/** Whom a turn serves; decides what the model is told about its role. */
public enum Purpose {
  /** A person, through some channel. */
  CHAT,
  /** The owner, who is not looking: the agent was woken to follow HEARTBEAT.md. */
  HEARTBEAT,
  /** Another turn of this agent, which goes on meanwhile. */
  SUBAGENT
}
