package ai.liberclaw.deploy.adopt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

final class OriginalSettingsTest {
  @Test
  void aPromptOfManyLinesIsReadWhole() {
    OriginalSettings read =
        OriginalSettings.read(
            """
            AGENT_NAME=Ada "the first"
            SYSTEM_PROMPT=One = 1.

            Two: $HOME
            MODEL=qwen3-coder-next
            AGENT_SECRET=s3cret
            PORT=8080
            """);
    assertEquals("Ada \"the first\"", read.name());
    assertEquals("One = 1.\n\nTwo: $HOME", read.systemPrompt());
    assertEquals("qwen3-coder-next", read.model());
    assertEquals("s3cret", read.secret());
    assertFalse(read.toString().contains("s3cret"));
  }

  @Test
  void theLastOfTwoCounts() {
    assertEquals("b", OriginalSettings.read("AGENT_SECRET=a\nAGENT_SECRET=b\n").secret());
    assertEquals("", OriginalSettings.read("").secret());
  }
}
