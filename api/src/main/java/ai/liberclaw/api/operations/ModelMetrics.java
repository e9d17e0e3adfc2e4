package ai.liberclaw.api.operations;

import ai.liberclaw.api.inference.InferenceCounts;
import ai.liberclaw.api.inference.InferenceRoutes;
import ai.liberclaw.deploy.budget.BudgetCounts;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.budget.Scope;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/** What calls of models used, of this server since it started. */
final class ModelMetrics {
  private static final double NANO = 1e9;

  private ModelMetrics() {}

  static void register(MeterRegistry registry, Budgets budgets) {
    BudgetCounts counts = budgets.counts();
    counter(registry, counts, "calls", "Calls of models that ended", BudgetCounts::requests);
    counter(
        registry,
        counts,
        "cost.usd",
        "What they cost, in dollars",
        all -> all.nanodollars() / NANO);
    // Cached tokens are prompt tokens too.
    tokens(registry, counts, "prompt", BudgetCounts::promptTokens);
    tokens(registry, counts, "cached", BudgetCounts::cachedTokens);
    tokens(registry, counts, "completion", BudgetCounts::completionTokens);
    for (Scope scope : Scope.values()) {
      refused(registry, counts, scope.key(), all -> all.refused(scope));
    }
    refused(registry, counts, "no_price", BudgetCounts::unpriced);
    counter(
        registry,
        counts,
        "calls.lapsed",
        "Calls of servers that died, settled by this one",
        BudgetCounts::lapsed);
    counter(
        registry,
        counts,
        "calls.lost",
        "Calls of this server that another had settled",
        BudgetCounts::lost);
    Gauge.builder("liberclaw.model.calls.open", budgets, Budgets::openCalls)
        .description("Calls of models that run right now")
        .register(registry);
  }

  static void register(MeterRegistry registry, InferenceRoutes inference) {
    for (String service : inference.services()) {
      answers(registry, inference, service, "answered", InferenceCounts::answered);
      answers(registry, inference, service, "failed", InferenceCounts::failed);
      Gauge.builder(
              "liberclaw.model.service.resting",
              inference,
              routes -> routes.isResting(service) ? 1 : 0)
          .description("1 while a service that failed often is left alone")
          .tag("service", service)
          .register(registry);
    }
    FunctionCounter.builder("liberclaw.model.events", inference.counts(), InferenceCounts::events)
        .description("Events of models' streams passed on to agents")
        .register(registry);
  }

  private static void answers(
      MeterRegistry registry,
      InferenceRoutes inference,
      String service,
      String outcome,
      ToDoubleBiFunction<InferenceCounts, String> count) {
    FunctionCounter.builder(
            "liberclaw.model.service.calls",
            inference.counts(),
            counts -> count.applyAsDouble(counts, service))
        .description("Calls that a service answered, and that it refused or did not answer")
        .tag("service", service)
        .tag("outcome", outcome)
        .register(registry);
  }

  private static void tokens(
      MeterRegistry registry,
      BudgetCounts counts,
      String kind,
      ToDoubleFunction<BudgetCounts> count) {
    FunctionCounter.builder("liberclaw.model.tokens", counts, count)
        .description("Tokens by kind")
        .tag("kind", kind)
        .register(registry);
  }

  private static void refused(
      MeterRegistry registry,
      BudgetCounts counts,
      String reason,
      ToDoubleFunction<BudgetCounts> count) {
    FunctionCounter.builder("liberclaw.model.calls.refused", counts, count)
        .description("Calls no budget could pay, by whose it was, and those without a price")
        .tag("reason", reason)
        .register(registry);
  }

  private static void counter(
      MeterRegistry registry,
      BudgetCounts counts,
      String name,
      String description,
      ToDoubleFunction<BudgetCounts> count) {
    FunctionCounter.builder("liberclaw.model." + name, counts, count)
        .description(description)
        .register(registry);
  }
}
