package ai.liberclaw.agent.model;

/**
 * Hears a reply while it is written. One call at a time, none after the reply has been returned or
 * has failed; the calling thread may be another than the one that asked.
 */
public interface ReplyListener {
  /** The next piece of the reply's text, without reasoning; never empty. */
  void textDelta(String delta);

  /** All deltas so far are void: the answer broke off, and another attempt may begin. */
  void discarded();

  /** Hears nothing. */
  static ReplyListener silent() {
    return new ReplyListener() {
      @Override
      public void textDelta(String delta) {}

      @Override
      public void discarded() {}
    };
  }
}
