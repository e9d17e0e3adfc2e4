package ai.liberclaw.agent.approval;

import ai.liberclaw.core.error.Refusal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Where turns wait for answers and people give them. The store is the truth: an answer that comes
 * while nobody waits, such as before a restarted turn has got here again, is found there.
 */
public final class ApprovalDesk {
  private static final Logger LOG = System.getLogger(ApprovalDesk.class.getName());

  private final ApprovalBook book;
  private final ConcurrentMap<String, CountDownLatch> waiting = new ConcurrentHashMap<>();

  public ApprovalDesk(ApprovalBook book) {
    this.book = book;
  }

  /** True when nobody needs to be asked about a call any more. */
  public boolean isCovered(String turnId, String tool, String reason, String argumentsHash) {
    return book.isCovered(turnId, tool, reason, argumentsHash);
  }

  /** The question about one call of a turn. */
  public Optional<Approval> ofCall(String turnId, int step, int position) {
    return book.ofCall(turnId, step, position);
  }

  /**
   * Returns once a question is not pending any more; closes it when its time is over.
   *
   * @throws InterruptedException the turn ends or goes on in another process; the question stays
   */
  public Approval await(String id) throws InterruptedException {
    CountDownLatch answered = new CountDownLatch(1);
    // Known before the store is asked, so that no answer falls between.
    waiting.put(id, answered);
    try {
      while (true) {
        Approval approval =
            book.find(id).orElseThrow(() -> new IllegalStateException("no approval " + id));
        if (approval.status() != ApprovalStatus.PENDING) {
          return approval;
        }
        long left = approval.question().expiresAt() - System.currentTimeMillis();
        if (left <= 0) {
          book.expire(id);
        } else if (!answered.await(left, TimeUnit.MILLISECONDS)) {
          LOG.log(Level.INFO, "approval.unanswered id={0}", id);
        }
      }
    } finally {
      waiting.remove(id, answered);
    }
  }

  /**
   * Takes a person's answer.
   *
   * @throws Refusal 404 for an unknown question, 409 for one that can no longer be answered
   */
  public void decide(String id, ApprovalStatus decision, String by) {
    if (book.find(id).isEmpty()) {
      throw new Refusal(404, "Approval not found");
    }
    if (!book.decide(id, decision, by)) {
      throw new Refusal(409, "Approval already decided or expired");
    }
    LOG.log(Level.INFO, "approval.decided id={0} decision={1}", id, decision.wireName());
    CountDownLatch answered = waiting.get(id);
    if (answered != null) {
      answered.countDown();
    }
  }
}
