package ai.liberclaw.agent.turn;

/**
 * One stored turn.
 *
 * @param id a UUID
 * @param message what the user said; empty once the chat was deleted
 */
public record Turn(String id, String chatId, String message, String mode, boolean resumes) {}
