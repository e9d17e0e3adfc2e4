package ai.liberclaw.testkit.mail;

/**
 * A mail the server took.
 *
 * @param from the sender of the envelope
 * @param to the recipient of the envelope
 * @param data headers and body as they came, with CRLF, dots unstuffed
 * @param encrypted whether it came after STARTTLS
 * @param user who had signed in, or empty
 */
public record ReceivedMail(String from, String to, String data, boolean encrypted, String user) {}
