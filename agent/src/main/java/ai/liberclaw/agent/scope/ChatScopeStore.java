package ai.liberclaw.agent.scope;

import static ai.liberclaw.db.agent.Tables.SUBAGENTS;

import org.jooq.DSLContext;

/**
 * On whose behalf a chat acts. A subagent acts for the chat that asked for it. The other chats of
 * the agent itself act for nobody: anybody may have written what they follow.
 */
public final class ChatScopeStore {
  /** How the agent's own chats begin. */
  public static final String INTERNAL = "__";

  private static final String SUBAGENT = "__subagent_";
  private static final String SUBAGENT_END = "__";

  private final DSLContext sql;
  private final Owner owner;

  public ChatScopeStore(DSLContext sql, Owner owner) {
    this.sql = sql;
    this.owner = owner;
  }

  /** The chat that a chat acts for: itself, unless it is a subagent's. */
  public String origin(String chatId) {
    int end = chatId.length() - SUBAGENT_END.length();
    if (!chatId.startsWith(SUBAGENT) || !chatId.endsWith(SUBAGENT_END) || end < SUBAGENT.length()) {
      return chatId;
    }
    String id = chatId.substring(SUBAGENT.length(), end);
    return sql.select(SUBAGENTS.CHAT_ID)
        .from(SUBAGENTS)
        .where(SUBAGENTS.ID.eq(id))
        .fetchOptional(SUBAGENTS.CHAT_ID)
        .orElse(chatId);
  }

  /** Whether a chat acts for the owner. */
  public boolean owner(String chatId) {
    return owner.owns(origin(chatId));
  }

  /** False when nobody has said who the owner is. */
  public boolean ownerKnown() {
    return owner.known();
  }
}
