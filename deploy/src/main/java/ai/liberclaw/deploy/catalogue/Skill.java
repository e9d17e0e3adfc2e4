package ai.liberclaw.deploy.catalogue;

/**
 * Instructions an agent can be given.
 *
 * @param content Markdown, the whole {@code SKILL.md}
 */
public record Skill(String id, String name, String category, String description, String content) {}
