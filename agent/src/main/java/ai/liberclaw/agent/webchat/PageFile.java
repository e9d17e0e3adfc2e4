package ai.liberclaw.agent.webchat;

import ai.liberclaw.agent.workspace.ContentTypes;
import ai.liberclaw.core.web.Exchange;
import io.helidon.http.Status;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One file of a page, as it is sent. */
final class PageFile {
  private final String contentType;
  private final byte[] content;
  private final String tag;

  /**
   * @param name whose extension says what the content is
   */
  PageFile(String name, byte[] content) {
    this.contentType = ContentTypes.of(name);
    this.content = content.clone();
    this.tag = tag(content);
  }

  /** Sends the file, or that the client already has it. */
  void send(Exchange exchange) {
    // Asked for again each time, sent only when it changed: an update shows at once.
    exchange.header("Cache-Control", "no-cache").header("ETag", tag);
    if (exchange.requestHeader("If-None-Match").filter(known -> known.contains(tag)).isPresent()) {
      exchange.response().status(Status.NOT_MODIFIED_304).send();
      return;
    }
    exchange.send(200, contentType, content);
  }

  /** Changes with the content (RFC 9110, 8.8.3). */
  private static String tag(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return "\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java lacks SHA-256", e);
    }
  }
}
