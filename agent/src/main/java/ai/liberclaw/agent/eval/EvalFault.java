package ai.liberclaw.agent.eval;

/** A case that is none, or cannot be read. */
final class EvalFault extends Exception {
  EvalFault(String message) {
    super(message, null, false, false);
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
