package ai.liberclaw.deploy.provider;

import org.jspecify.annotations.Nullable;

/** A step that a provider could not do. The message is shown to the owner: no path, no secret. */
public final class ProviderException extends RuntimeException {
  private final String code;
  private final boolean retryable;

  /**
   * @param code machine word, kept with the deployment
   * @param retryable whether the same step may succeed when repeated
   */
  public ProviderException(
      String code, String message, boolean retryable, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.retryable = retryable;
  }

  public String code() {
    return code;
  }

  public String text() {
    return String.valueOf(getMessage());
  }

  public boolean retryable() {
    return retryable;
  }
}
