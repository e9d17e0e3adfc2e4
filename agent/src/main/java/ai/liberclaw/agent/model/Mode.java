package ai.liberclaw.agent.model;

import java.util.Optional;

/**
 * What a server is asked for beyond the question; some servers cannot do one or the other.
 *
 * @param streaming the answer in pieces
 * @param tools the tools of the request are offered
 */
record Mode(boolean streaming, boolean tools) {
  static final Mode FULL = new Mode(true, true);

  /** What may help after a refusal. */
  enum Remedy {
    NONE,
    WITHOUT_STREAM,
    WITHOUT_TOOLS
  }

  /** The mode to try next; empty when this one is that already. */
  Optional<Mode> after(Remedy remedy) {
    return switch (remedy) {
      case NONE -> Optional.empty();
      case WITHOUT_STREAM -> streaming ? Optional.of(new Mode(false, tools)) : Optional.empty();
      case WITHOUT_TOOLS -> tools ? Optional.of(new Mode(streaming, false)) : Optional.empty();
    };
  }
}
