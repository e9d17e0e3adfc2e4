package ai.liberclaw.core.model;

import java.util.List;
import java.util.Locale;

/** Who runs the model. */
public enum ModelProvider {
  /** Anything that speaks OpenAI's chat completions; LibertAI unless another address is set. */
  OPENAI,
  OLLAMA,
  ANTHROPIC,
  /** The demo inside the agent. */
  OFFLINE;

  /** The setting that leaves the decision to {@link ModelChoice}. */
  public static final String AUTO = "auto";

  /** Every value {@code MODEL_PROVIDER} may have. */
  public static final List<String> SETTINGS =
      List.of("openai", "ollama", "anthropic", "offline", AUTO);

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
