package ai.liberclaw.core.error;

import java.util.Map;

/**
 * A request that is refused for a reason the caller may read: a missing object, a rule, a limit.
 * The message is shown as it is; it names the rule and carries no secret and no path.
 */
public final class Refusal extends RuntimeException {
  private final int status;
  private final Map<String, String> headers;

  public Refusal(int status, String message) {
    this(status, message, Map.of());
  }

  /**
   * @param headers sent with the answer, for example {@code Retry-After}
   */
  public Refusal(int status, String message, Map<String, String> headers) {
    super(message, null, false, false);
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("not an error status: " + status);
    }
    this.status = status;
    this.headers = Map.copyOf(headers);
  }

  /** HTTP status, 400 to 599. */
  public int status() {
    return status;
  }

  public String text() {
    return String.valueOf(getMessage());
  }

  public Map<String, String> headers() {
    return headers;
  }
}
