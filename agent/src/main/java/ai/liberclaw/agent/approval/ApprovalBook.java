package ai.liberclaw.agent.approval;

import java.util.List;
import java.util.Optional;

/** The stored questions and rules. Each change is durable when its method returns. */
public interface ApprovalBook {
  /** True when a rule, or an answer given for this turn, lets a call run unasked. */
  boolean isCovered(String turnId, String tool, String reason, String argumentsHash);

  Optional<Approval> find(String id);

  /** The question about one call of a turn. */
  Optional<Approval> ofCall(String turnId, int step, int position);

  /** Questions that can still be answered, oldest first. */
  List<Approval> open(Optional<String> chatId);

  /** Questions of every status, newest first. */
  List<Approval> newest(Optional<String> chatId, int limit);

  /**
   * Answers a question, tells the chat's readers, and writes the rule that the answer may ask for.
   *
   * @return false when it can no longer be answered; then nothing has changed
   */
  boolean decide(String id, ApprovalStatus decision, String by);

  /** Closes a question that nobody answered in time; without effect on one that was. */
  void expire(String id);

  /** What was allowed for good, oldest first. */
  List<ApprovalRule> rules();

  /** Returns false when there is no such rule. */
  boolean deleteRule(String id);
}
