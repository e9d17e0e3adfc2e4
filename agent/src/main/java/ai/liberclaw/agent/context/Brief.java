package ai.liberclaw.agent.context;

/**
 * What the system prompt of a subagent says about it alone.
 *
 * @param role a word and what it means, in one line
 * @param persona how it shall see itself; may be empty
 */
public record Brief(String role, String persona) {
  /** For turns of the agent itself: nothing. */
  public static final Brief NONE = new Brief("", "");

  /** As it follows the other sections. */
  String section() {
    StringBuilder text = new StringBuilder();
    if (!role.isEmpty()) {
      text.append(Prompt.SECTION_BREAK).append("Your role in this is ").append(role).append('.');
    }
    if (!persona.isEmpty()) {
      text.append(Prompt.SECTION_BREAK).append("Who you are in this: ").append(persona);
    }
    return text.toString();
  }
}
