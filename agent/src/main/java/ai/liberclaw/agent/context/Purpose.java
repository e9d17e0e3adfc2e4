package ai.liberclaw.agent.context;

/** Whom a turn serves; decides what the model is told about its role. */
public enum Purpose {
  /** A person, through some channel. */
  CHAT,
  /** A person who wants something done to code in the workspace. */
  CODING,
  /** Somebody who is not looking: the agent was woken by its schedule or its heartbeat. */
  HEARTBEAT,
  /** Another turn of this agent, which goes on meanwhile. */
  SUBAGENT
}
