package ai.liberclaw.api.idempotency;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import java.util.List;
import java.util.Optional;

/** A client's own name for a request: {@code Idempotency-Key}, 1 to 200 printable ASCII. */
public record IdempotencyKey(String text) {
  private static final String HEADER = "Idempotency-Key";
  private static final int LENGTH_MAX = 200;

  /**
   * The key of a request; empty when it has none.
   *
   * @throws Invalid when it is not as it should be
   */
  public static Optional<IdempotencyKey> of(Exchange exchange) {
    Optional<String> text = exchange.requestHeader(HEADER);
    if (text.isPresent() && !isKey(text.get())) {
      throw new Invalid(
          Invalid.Fault.of(
              "value_error",
              List.of("header", HEADER),
              "Idempotency-Key should have 1 to 200 printable ASCII characters"));
    }
    return text.map(IdempotencyKey::new);
  }

  /** What is answered when the key came with another request before. */
  public static Refusal usedOtherwise() {
    return new Refusal(422, "Idempotency-Key was used with a different request");
  }

  private static boolean isKey(String text) {
    return !text.isEmpty()
        && text.length() <= LENGTH_MAX
        && text.chars().allMatch(c -> c >= ' ' && c <= '~');
  }
}
