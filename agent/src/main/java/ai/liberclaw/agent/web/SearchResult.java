package ai.liberclaw.agent.web;

/**
 * One page that a search found; nothing in it can be trusted.
 *
 * @param snippet a few words of the page; may be empty
 */
public record SearchResult(String title, String url, String snippet) {}
