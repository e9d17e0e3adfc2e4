package ai.liberclaw.agent.tool;

/**
 * A file for the user.
 *
 * @param path relative to the workspace
 * @param caption may be empty
 */
public record SentFile(String path, String caption) {}
