package ai.liberclaw.api.oauth;

/**
 * A provider gave no usable answer. The message names the step and what went wrong with it, and
 * holds nothing of what was sent or received.
 */
final class ProviderException extends Exception {
  private final boolean passing;

  private ProviderException(String message, boolean passing) {
    super(message, null, false, false);
    this.passing = passing;
  }

  /** It would go wrong again. */
  static ProviderException lasting(String message) {
    return new ProviderException(message, false);
  }

  /** Another try may go well. */
  static ProviderException passing(String message) {
    return new ProviderException(message, true);
  }

  boolean passing() {
    return passing;
  }
}
