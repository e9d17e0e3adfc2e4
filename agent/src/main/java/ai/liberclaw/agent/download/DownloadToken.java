package ai.liberclaw.agent.download;

import ai.liberclaw.agent.auth.Secret;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.Secrets;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a download link carries: URL-safe base64 of {@code <path>:<expiry>:<signature>}. The
 * signature covers path and expiry and is made with the agent's secret, so a new secret ends all
 * links.
 *
 * @param path as the agent's owner gave it; checked again at every download
 * @param expiry Unix seconds
 */
record DownloadToken(String path, long expiry) {
  private static final Pattern PARTS =
      Pattern.compile("(.+):([0-9]{1,15}):([0-9a-f]{64})", Pattern.DOTALL);

  String sign(Secret secret) {
    String text = path + ":" + expiry + ":" + secret.sign(signed());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The token, when it is this agent's own and still valid.
   *
   * @throws Refusal 400 when it is no token, 403 when it was signed by somebody else, 410 when it
   *     has expired
   */
  static DownloadToken verify(String text, Secret secret, long nowSeconds) {
    Matcher parts = PARTS.matcher(decode(text));
    if (!parts.matches()) {
      throw malformed();
    }
    DownloadToken token = new DownloadToken(parts.group(1), Long.parseLong(parts.group(2)));
    if (!Secrets.constantTimeEquals(secret.sign(token.signed()), parts.group(3))) {
      throw new Refusal(403, "Invalid download token");
    }
    if (nowSeconds >= token.expiry) {
      throw new Refusal(410, "Download link has expired");
    }
    return token;
  }

  private String signed() {
    return path + "\n" + expiry;
  }

  private static String decode(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException _) {
      throw malformed();
    }
  }

  private static Refusal malformed() {
    return new Refusal(400, "Malformed download token");
  }
}
