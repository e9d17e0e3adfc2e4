package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.Reply;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Model calls that are made for a turn beside the steps of its own, such as summaries. What they
 * cost waits here for the turn's next transaction. Safe for use by many turns.
 */
public final class SideCalls {
  private final Map<String, Spending> open = new ConcurrentHashMap<>();

  /** Counts a call for a turn that has not ended. */
  public void add(String turnId, Model asked, Reply reply) {
    open.compute(
        turnId,
        (_, known) -> {
          Spending spending = known == null ? new Spending() : known;
          String ignored = spending.add(asked, reply);
          return spending;
        });
  }

  /** What was counted for a turn since the last time, by model. */
  public List<Spent> take(String turnId) {
    Spending spending = open.remove(turnId);
    return spending == null ? List.of() : spending.take();
  }
}
