package ai.liberclaw.agent.schedule;

/** What is wrong with an entry, in words for whoever wrote it. */
final class ScheduleFault extends Exception {
  ScheduleFault(String message) {
    super(message, null, false, false);
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
