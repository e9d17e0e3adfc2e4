package ai.liberclaw.deploy.budget;

import java.util.concurrent.atomic.LongAdder;

/** What this server has counted since it started, for metrics. */
public final class BudgetCounts {
  private final LongAdder requests = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder cachedTokens = new LongAdder();
  private final LongAdder completionTokens = new LongAdder();
  private final LongAdder nanodollars = new LongAdder();
  private final LongAdder lapsed = new LongAdder();
  private final LongAdder settledElsewhere = new LongAdder();
  private final LongAdder unpriced = new LongAdder();
  private final LongAdder refusedByAgents = new LongAdder();
  private final LongAdder refusedByUsers = new LongAdder();
  private final LongAdder refusedByTiers = new LongAdder();
  private final LongAdder refusedBySite = new LongAdder();

  void settled(long calls, TokenUsage usage, long cost) {
    requests.add(calls);
    promptTokens.add(usage.prompt());
    cachedTokens.add(usage.cached());
    completionTokens.add(usage.completion());
    nanodollars.add(cost);
  }

  void settledElsewhere() {
    settledElsewhere.increment();
  }

  void lapsed(int calls) {
    lapsed.add(calls);
  }

  void refused(Denied denied) {
    switch (denied) {
      case Denied.Spent spent -> refusals(spent.scope()).increment();
      case Denied.Unpriced _ -> unpriced.increment();
      case Denied.Gone _ -> {
        // Counted by the gateway, as any token that is not accepted.
      }
    }
  }

  public long requests() {
    return requests.sum();
  }

  public long promptTokens() {
    return promptTokens.sum();
  }

  public long cachedTokens() {
    return cachedTokens.sum();
  }

  public long completionTokens() {
    return completionTokens.sum();
  }

  public long nanodollars() {
    return nanodollars.sum();
  }

  /** Calls of servers that died, settled here. */
  public long lapsed() {
    return lapsed.sum();
  }

  /** Calls of this server that another had settled before. */
  public long lost() {
    return settledElsewhere.sum();
  }

  /** Calls of models without a price. */
  public long unpriced() {
    return unpriced.sum();
  }

  public long refused(Scope scope) {
    return refusals(scope).sum();
  }

  private LongAdder refusals(Scope scope) {
    return switch (scope) {
      case AGENT -> refusedByAgents;
      case USER -> refusedByUsers;
      case TIER -> refusedByTiers;
      case SITE -> refusedBySite;
    };
  }
}
