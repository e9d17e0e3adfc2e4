package ai.liberclaw.deploy.model;

import ai.liberclaw.deploy.budget.Price;
import java.util.Optional;

/**
 * One model of a service.
 *
 * @param id as agents ask for it
 * @param asked the service's own name for it
 * @param price empty when it is not known
 * @param priceAssumed whether nobody but this program said so
 * @param contextTokens the longest context, prompt and answer together; 0 when it is not known
 * @param answerTokens the longest answer; asked of the service when a call does not say
 * @param vision whether it sees pictures
 * @param offered whether people may choose it for their agents
 */
public record OfferedModel(
    String id,
    String asked,
    Optional<Price> price,
    boolean priceAssumed,
    int contextTokens,
    int answerTokens,
    boolean vision,
    boolean offered) {
  /** Long enough for any answer to a person. */
  public static final int ANSWER_TOKENS_DEFAULT = 32_768;

  static OfferedModel hidden(String id, String asked, Optional<Price> price) {
    return new OfferedModel(id, asked, price, false, 0, ANSWER_TOKENS_DEFAULT, false, false);
  }

  /** At the price the operator named. */
  OfferedModel with(Price known) {
    return with(known, false);
  }

  /** At a price that stands for one nobody has named. */
  OfferedModel withAssumed(Price assumed) {
    return with(assumed, true);
  }

  private OfferedModel with(Price newPrice, boolean assumed) {
    return new OfferedModel(
        id, asked, Optional.of(newPrice), assumed, contextTokens, answerTokens, vision, offered);
  }
}
