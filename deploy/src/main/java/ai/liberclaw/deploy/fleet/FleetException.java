package ai.liberclaw.deploy.fleet;

/** What an operator asked for cannot be done now; the message says why. */
public final class FleetException extends RuntimeException {
  public FleetException(String message) {
    super(message, null, false, false);
  }
}
