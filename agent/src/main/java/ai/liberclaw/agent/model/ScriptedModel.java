package ai.liberclaw.agent.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Gives the replies of a script, one after the other, whatever it is asked: for evals, which check
 * what the agent makes of a model's words.
 */
public final class ScriptedModel implements Model {
  private final Deque<Reply> replies;

  public ScriptedModel(List<Reply> replies) {
    this.replies = new ArrayDeque<>(replies);
  }

  @Override
  public String provider() {
    return "scripted";
  }

  @Override
  public String name() {
    return "scripted";
  }

  /**
   * {@inheritDoc}
   *
   * @throws ModelException when the script is at its end
   */
  @Override
  public Reply reply(ModelRequest request, ReplyListener listener)
      throws ModelException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Reply next;
    synchronized (replies) {
      next = replies.pollFirst();
    }
    if (next == null) {
      throw new ModelException(
          ModelException.ErrorCode.INFERENCE_REJECTED,
          "The script has no response left for this model call.");
    }
    if (!next.text().isEmpty()) {
      listener.textDelta(next.text());
    }
    return next;
  }

  /** Replies that nobody has asked for yet. */
  public int left() {
    synchronized (replies) {
      return replies.size();
    }
  }
}
