package ai.liberclaw.deploy.budget;

import java.time.Duration;

/**
 * How long things take.
 *
 * @param lease a call is settled by others when nothing was heard of it for this long
 * @param flush how often what was streamed is written
 * @param settleWait the end of a call waits for its settlement at most as long
 * @param retry until a settlement that failed is tried again
 * @param reconcile how often lapsed calls are looked for, and budgets that are nearly spent
 */
public record BudgetSettings(
    Duration lease, Duration flush, Duration settleWait, Duration retry, Duration reconcile) {
  public static final BudgetSettings STANDARD =
      new BudgetSettings(
          Duration.ofSeconds(60),
          Duration.ofSeconds(3),
          Duration.ofSeconds(3),
          Duration.ofSeconds(1),
          Duration.ofSeconds(10));
}
