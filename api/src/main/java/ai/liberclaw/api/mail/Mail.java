package ai.liberclaw.api.mail;

/**
 * One mail, without its recipient.
 *
 * @param text the same in plain text, short
 */
public record Mail(String subject, String html, String text) {}
