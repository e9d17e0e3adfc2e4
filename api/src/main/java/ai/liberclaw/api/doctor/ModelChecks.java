package ai.liberclaw.api.doctor;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.deploy.budget.Price;
import ai.liberclaw.deploy.budget.Unit;
import ai.liberclaw.deploy.model.ModelSettings;
import ai.liberclaw.deploy.model.OfferedModel;
import ai.liberclaw.deploy.model.Upstream;
import ai.liberclaw.deploy.model.UpstreamKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The services that run the models of all agents. */
public final class ModelChecks {
  /** Prices are told per so many. */
  private static final long TOKENS = 1_000_000;

  private static final String ANTHROPIC_VERSION = "2023-06-01";

  private ModelChecks() {}

  /**
   * Asks each service that is in use what it has.
   *
   * @param defaultModel what most agents ask for
   */
  public static List<Finding> all(ModelSettings services, String defaultModel)
      throws InterruptedException {
    ModelSettings.Decision decision;
    try {
      decision = services.decide(defaultModel);
    } catch (ConfigException e) {
      return List.of(
          Finding.fail(
              "no model can be asked: " + e.problems().getFirst(),
              "Agents cannot think until that is mended."));
    }
    List<Finding> findings = new ArrayList<>();
    for (Upstream upstream : decision.upstreams()) {
      findings.add(of(upstream));
    }
    prices(decision).ifPresent(findings::add);
    return findings;
  }

  private static Optional<Finding> prices(ModelSettings.Decision decision) {
    List<String> prices = new ArrayList<>();
    for (OfferedModel model : decision.assumedPrices()) {
      model.price().ifPresent(price -> prices.add(model.id() + " " + text(price)));
    }
    return prices.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.warn(
                "prices are assumed, not known: " + String.join(", ", prices),
                "Budgets count by them. Put what the service really takes into"
                    + " LIBERCLAW_MODEL_PRICES."));
  }

  private static String text(Price price) {
    return price.call() > 0
        ? Unit.usd(price.call()).toPlainString() + " USD per picture"
        : "%s/%s USD per million tokens"
            .formatted(
                Unit.usd(price.prompt() * TOKENS).toPlainString(),
                Unit.usd(price.completion() * TOKENS).toPlainString());
  }

  private static Finding of(Upstream upstream) throws InterruptedException {
    String name = upstream.name();
    if (upstream.kind() == UpstreamKind.OFFLINE) {
      return Finding.ok(name + " is the demo inside this server, no language model");
    }
    if (upstream.key().isEmpty() && upstream.needsKey()) {
      return upstream.ownersKeys()
          ? Finding.warn(
              name + " has no key",
              "Agents answer only those owners who bring a key of their own. Set one:"
                  + " LIBERTAI_API_KEY, or key in LIBERCLAW_MODEL_UPSTREAMS.")
          : Finding.fail(name + " has no key", "Set one, or take the service out.");
    }
    WebChecks.Answer answer = WebChecks.get(list(upstream), headers(upstream));
    return switch (answer.status()) {
      case 200 -> Finding.ok(name + (upstream.key().isPresent() ? " takes its key" : " answers"));
      case 401, 403 -> Finding.fail(name + " refuses its key", "Make another key.");
      default ->
          Finding.fail(
              name + " does not answer well: " + answer.reason(),
              "Agents that need it cannot think meanwhile. Look at its address and the way out of"
                  + " this machine.");
    };
  }

  private static String list(Upstream upstream) {
    String base = WebChecks.trimmed(upstream.baseUrl());
    return switch (upstream.kind()) {
      case OPENAI -> base + "/models";
      case ANTHROPIC -> base + "/v1/models";
      case OLLAMA -> base + "/api/tags";
      case OFFLINE -> throw new IllegalArgumentException("nothing to ask");
    };
  }

  private static Map<String, String> headers(Upstream upstream) {
    return upstream
        .key()
        .map(key ->
            upstream.kind() == UpstreamKind.ANTHROPIC
                ? Map.of("x-api-key", key, "anthropic-version", ANTHROPIC_VERSION)
                : Map.of("Authorization", "Bearer " + key))
        .orElse(Map.of());
  }
}
