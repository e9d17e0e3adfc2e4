package ai.liberclaw.agent.search;

/**
 * One stored message that matches.
 *
 * @param snippet the part of it around the match, whose words stand between {@code >>>} and {@code
 *     <<<}
 * @param createdAt as stored
 */
record Hit(long id, String chatId, String role, String createdAt, String snippet) {
  private static final int MINUTE_CHARS = "2026-01-01T00:00".length();

  boolean ofTool() {
    return role.equals("tool");
  }

  String line() {
    String time =
        createdAt.substring(0, Math.min(MINUTE_CHARS, createdAt.length())).replace('T', ' ');
    return "["
        + time
        + "] ("
        + role
        + ", chat: "
        + chatId
        + "): "
        + snippet.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
  }
}
