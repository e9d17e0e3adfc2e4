package ai.liberclaw.agent.model;

/** A language model somewhere. Safe for use by many threads at once. */
public sealed interface Model permits OpenAiModel, OfflineModel {
  /** The model's id as its provider knows it. */
  String name();

  /** Who runs it, as configuration names them. */
  default String provider() {
    return "openai";
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
