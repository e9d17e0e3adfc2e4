package ai.liberclaw.deploy.inference;

/** Agents of some place cannot reach the gateway to models. */
public final class NoGatewayException extends RuntimeException {
  private final boolean passing;

  /**
   * @param passing whether another try may go well
   */
  public NoGatewayException(String reason, boolean passing) {
    super(reason, null, false, false);
    this.passing = passing;
  }

  public boolean passing() {
    return passing;
  }
}
