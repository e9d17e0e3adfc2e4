package ai.liberclaw.deploy.model;

import ai.liberclaw.deploy.budget.Price;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Prices as an operator writes them: {@code prompt}, {@code cached} and {@code completion} in USD
 * for a million tokens, {@code picture} in USD for one.
 */
final class PriceJson {
  private static final Set<String> NAMES = Set.of("prompt", "cached", "completion", "picture");

  /** Nobody asks so much for a million tokens or a picture. */
  private static final BigDecimal USD_MAX = BigDecimal.valueOf(100_000);

  private static final BigDecimal NANO_PER_USD = BigDecimal.valueOf(1_000_000_000);

  private PriceJson() {}

  /** Empty for anything but an object that has a price for all that is charged. */
  static Optional<Price> read(JsonNode json) {
    if (!json.isObject()) {
      return Optional.empty();
    }
    for (Map.Entry<String, JsonNode> price : json.properties()) {
      BigDecimal usd = usd(price.getValue());
      if (!NAMES.contains(price.getKey())
          || !price.getValue().isNumber()
          || usd.signum() < 0
          || usd.compareTo(USD_MAX) > 0) {
        return Optional.empty();
      }
    }
    boolean tokens = json.has("prompt");
    if (tokens != json.has("completion") || (!tokens && !json.has("picture"))) {
      return Optional.empty();
    }
    long prompt = Price.perToken(usd(json.path("prompt")));
    return Optional.of(
        new Price(
            prompt,
            json.has("cached") ? Price.perToken(usd(json.path("cached"))) : prompt,
            Price.perToken(usd(json.path("completion"))),
            nanodollars(usd(json.path("picture")))));
  }

  /** Nano-dollars of so many USD, rounded up. */
  static long nanodollars(BigDecimal usd) {
    return usd.multiply(NANO_PER_USD).setScale(0, RoundingMode.CEILING).longValueExact();
  }

  private static BigDecimal usd(JsonNode json) {
    return json.isNumber() ? json.decimalValue() : BigDecimal.ZERO;
  }
}
