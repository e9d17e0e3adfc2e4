package ai.liberclaw.agent.model;

import java.util.OptionalInt;

/** A language model somewhere. Safe for use by many threads at once. */
public sealed interface Model
    permits HttpModel, OfflineModel, FallbackModel, VisionModel, ScriptedModel {
  /** Who runs it: {@code openai}, {@code ollama}, {@code anthropic} or {@code offline}. */
  String provider();

  /** The model's id as its provider knows it. */
  String name();

  /** Tokens of its context, where its provider tells or is told; empty: not known here. */
  default OptionalInt windowTokens() {
    return OptionalInt.empty();
  }

  /** The same model at the service of one turn, whose pictures it can tell apart. */
  default Model forTurn(String chatId, String turnId) {
    return this;
  }

  /**
   * Asks once; retries and timeouts are inside. Blocks until the reply is whole.
   *
   * @param listener hears the text while it arrives
   * @throws ModelException when the call failed for good
   * @throws InterruptedException promptly after the calling thread was interrupted; the connection
   *     is closed by then
   */
  Reply reply(ModelRequest request, ReplyListener listener)
      throws ModelException, InterruptedException;
}
