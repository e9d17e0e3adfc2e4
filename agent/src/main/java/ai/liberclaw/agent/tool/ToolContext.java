package ai.liberclaw.agent.tool;

/**
 * On whose behalf a tool is called.
 *
 * @param main false in subagents
 */
public record ToolContext(String chatId, String turnId, String callId, boolean main) {}
