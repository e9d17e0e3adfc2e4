package ai.liberclaw.api;

/** Why the server could not start, in one line for whoever started it. */
final class StartException extends RuntimeException {
  StartException(String message) {
    super(message, null, false, false);
  }
}
