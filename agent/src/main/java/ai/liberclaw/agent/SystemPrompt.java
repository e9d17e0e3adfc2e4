package ai.liberclaw.agent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** The owner's instructions as a variable can carry them whole. */
final class SystemPrompt {
  private static final Logger LOG = System.getLogger(SystemPrompt.class.getName());

  private SystemPrompt() {}

  /** Standard base64 of UTF-8; empty, with a warning, when it is not that. */
  static Optional<String> decode(String base64) {
    try {
      // Files break long lines; anything else that is not base64 is a mistake.
      byte[] utf8 = Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (IllegalArgumentException | CharacterCodingException _) {
      LOG.log(Level.WARNING, "config.prompt_undecodable name=SYSTEM_PROMPT_B64");
      return Optional.empty();
    }
  }
}
