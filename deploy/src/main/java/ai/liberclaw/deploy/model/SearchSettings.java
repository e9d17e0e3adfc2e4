package ai.liberclaw.deploy.model;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.config.SecureUrl;
import ai.liberclaw.deploy.budget.Price;
import java.math.BigDecimal;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the web is searched for agents.
 *
 * @param libertAi LibertAI's search service; empty when it is not asked
 * @param libertAiKey the operator's key for inference, which it takes too
 * @param brave Brave Search's API
 * @param braveKey asked first when it is set
 * @param price of a search
 */
public record SearchSettings(
    Optional<URI> libertAi,
    Optional<String> libertAiKey,
    URI brave,
    Optional<String> braveKey,
    Price price) {
  private static final String LIBERTAI = "https://search.libertai.io";
  private static final String LIBERTAI_DOMAIN = "libertai.io";

  /**
   * The key for inference goes to LibertAI's search only when it is LibertAI's, or when the
   * operator has named the server to send it to: it is nobody else's business.
   *
   * @param inference whose key the inference key is
   */
  static SearchSettings read(EnvReader env, URI inference, Optional<String> inferenceKey) {
    String name = "LIBERTAI_SEARCH_BASE_URL";
    String meaning = "search service that gets the inference key; with LibertAI's models its own";
    boolean named = env.optional(name, meaning).isPresent();
    return new SearchSettings(
        named || isLibertAi(inference)
            ? Optional.of(SecureUrl.read(env, name, LIBERTAI, meaning))
            : Optional.empty(),
        inferenceKey,
        SecureUrl.read(
            env,
            "BRAVE_SEARCH_BASE_URL",
            "https://api.search.brave.com",
            "Brave Search API, for agents' web_search"),
        ModelKeys.read(env, "BRAVE_API_KEY", "key of Brave Search, for agents' web_search"),
        new Price(
            0,
            0,
            0,
            PriceJson.nanodollars(
                BigDecimal.valueOf(
                    env.decimal(
                        "LIBERCLAW_SEARCH_PRICE", 0.005, 0, 1_000, "of one web search (USD)")))));
  }

  private static boolean isLibertAi(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    return host.equals(LIBERTAI_DOMAIN) || host.endsWith("." + LIBERTAI_DOMAIN);
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "SearchSettings[libertAi=" + libertAi + ", brave=" + braveKey.isPresent() + "]";
  }
}
