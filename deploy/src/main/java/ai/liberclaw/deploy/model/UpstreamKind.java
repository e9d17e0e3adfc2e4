package ai.liberclaw.deploy.model;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a model service is, and so what can be asked of it. */
public enum UpstreamKind {
  /** Speaks OpenAI's API; so do LibertAI and most others. */
  OPENAI,
  /** An Ollama, which speaks a part of OpenAI's API below {@code /v1}. */
  OLLAMA,
  /** Speaks Anthropic's Messages API. */
  ANTHROPIC,
  /** The demo model in this process. */
  OFFLINE;

  /** What can be asked of a model. */
  public enum Api {
    /** OpenAI's {@code /chat/completions}. */
    CHAT,
    /** OpenAI's {@code /embeddings}. */
    EMBEDDINGS,
    /** OpenAI's {@code /images/generations}. */
    PICTURES,
    /** Anthropic's {@code /v1/messages}. */
    MESSAGES
  }

  public boolean speaks(Api api) {
    return switch (this) {
      case OPENAI -> api != Api.MESSAGES;
      case OLLAMA -> api == Api.CHAT || api == Api.EMBEDDINGS;
      case ANTHROPIC -> api == Api.MESSAGES;
      case OFFLINE -> api == Api.CHAT;
    };
  }

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<UpstreamKind> of(String wireName) {
    return Stream.of(values()).filter(kind -> kind.wireName().equals(wireName)).findFirst();
  }
}
