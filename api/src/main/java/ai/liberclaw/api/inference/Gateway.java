package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.deploy.budget.Ask;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.budget.Denied;
import ai.liberclaw.deploy.budget.Reservation;
import ai.liberclaw.deploy.budget.Spender;
import ai.liberclaw.deploy.model.UpstreamClient;
import ai.liberclaw.deploy.model.Upstreams;
import java.util.Set;

/**
 * What every call works with.
 *
 * @param ollamaModel what Ollama is asked for when it lacks an agent's model; may be empty
 * @param mask hides the operator's keys
 * @param withoutUsage names of services that refuse to be asked for a stream's usage
 */
record Gateway(
    Upstreams upstreams,
    UpstreamClient client,
    Budgets budgets,
    String ollamaModel,
    Mask mask,
    InferenceLimits limits,
    InferenceCounts counts,
    StreamHeads heads,
    Set<String> withoutUsage) {

  /**
   * For what holds nothing back.
   *
   * @throws Refusal 401 when the agent is gone, or its token's generation
   */
  void requireKnown(Spender caller) {
    if (!budgets.knows(caller)) {
      throw new Refusal(401, new Denied.Gone().message());
    }
  }

  /**
   * Holds back what a call may cost.
   *
   * @throws Refusal 401 when the agent is gone, 402 when a budget is spent, 403 without a price
   */
  Reservation reserved(Ask ask) {
    return switch (budgets.reserve(ask)) {
      case Reservation reservation -> reservation;
      case Denied.Gone gone -> throw new Refusal(401, gone.message());
      case Denied.Spent spent -> throw new Refusal(402, spent.message());
      case Denied.Unpriced unpriced -> {
        requireKnown(ask.spender());
        throw new Refusal(403, unpriced.message());
      }
    };
  }
}
