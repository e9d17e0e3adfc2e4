package ai.liberclaw.agent.context;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * What one agent's model is shown of its chats. One per agent; safe for use by many turns at once,
 * as long as a chat has one turn at a time.
 */
public final class ContextWindow {
  private final Prompt prompt;
  private final DynamicContext dynamic;
  private final ContextLimits limits;
  private final History history;
  private final Compaction compaction;
  private final Tokens tokens;
  private final ContextSources sources;
  private final Clock clock;

  public ContextWindow(
      Persona persona,
      ContextLimits limits,
      History history,
      Summariser model,
      ContextSources sources,
      Clock clock) {
    this.prompt = new Prompt(persona);
    this.dynamic = new DynamicContext(persona.workspace(), sources);
    this.sources = sources;
    this.limits = limits;
    this.history = history;
    this.tokens = new Tokens();
    this.compaction = new Compaction(model, tokens);
    this.clock = clock;
  }

  /** The view of one turn, from its start or from where it goes on after a restart. */
  public TurnContext begin(String chatId, Purpose purpose) {
    return begin(chatId, purpose, Brief.NONE);
  }

  /** The same for a turn that a brief tells more about. */
  public TurnContext begin(String chatId, Purpose purpose, Brief brief) {
    LocalDate day = LocalDate.now(clock.withZone(ZoneOffset.UTC));
    return new TurnContext(
        chatId, purpose, brief, day, prompt, dynamic, limits, history, compaction, tokens, sources);
  }
}
