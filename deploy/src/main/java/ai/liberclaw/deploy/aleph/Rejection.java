package ai.liberclaw.deploy.aleph;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/**
 * Why the network refused a message.
 *
 * @param code of the network; -1 when it did not say
 * @param requiredCredits where credits are the reason
 * @param accountCredits likewise
 */
public record Rejection(
    int code, Optional<BigDecimal> requiredCredits, Optional<BigDecimal> accountCredits) {
  private static final int FORMAT = 0;
  private static final int UNKNOWN = -1;

  /** Whose fault a refusal is: never a compute node's, which has not seen the message yet. */
  public enum Cause {
    /** The account lacks credits. */
    CREDITS,
    /** What the message names is not there yet; the network looks again by itself. */
    NOT_YET,
    /** The message is not as it should be: our mistake, or a rule that changed. */
    MESSAGE
  }

  static Rejection of(JsonNode status) {
    int code = status.path("error_code").asInt(UNKNOWN);
    JsonNode error = status.path("details").path("errors").path(0);
    return new Rejection(
        code, number(error.path("required_credits")), number(error.path("account_credits")));
  }

  /** For an answer in plain text, which only a malformed message gets. */
  static Rejection format() {
    return new Rejection(FORMAT, Optional.empty(), Optional.empty());
  }

  public Cause cause() {
    return switch (code) {
      case 5, 6 -> Cause.CREDITS;
      case -1, 3, 4, 300, 301, 501 -> Cause.NOT_YET;
      default -> Cause.MESSAGE;
    };
  }

  /** A machine word to keep with the message. */
  public String word() {
    return switch (cause()) {
      case CREDITS -> "no_credits";
      case NOT_YET -> String.format(Locale.ROOT, "not_yet_%d", code);
      case MESSAGE -> String.format(Locale.ROOT, "rejected_%d", code);
    };
  }

  private static Optional<BigDecimal> number(JsonNode node) {
    try {
      return node.isValueNode() && !node.isNull()
          ? Optional.of(new BigDecimal(node.asText()))
          : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
