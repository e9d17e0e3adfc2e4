package ai.liberclaw.agent.tool;

/**
 * On whose behalf a tool is called.
 *
 * @param main false in subagents
 * @param calls makes further calls, for a tool that runs programs of the model's
 */
public record ToolContext(
    String chatId, String turnId, String callId, boolean main, NestedCalls calls) {
  /** A context whose tool may call no other. */
  public ToolContext(String chatId, String turnId, String callId, boolean main) {
    this(chatId, turnId, callId, main, NestedCalls.NONE);
  }
}
