package ai.liberclaw.agent.schedule;

/** What the model is told when a task comes due. */
final class Messages {
  private static final String BEAT =
      """
      This is your heartbeat: nobody has written to you. Read HEARTBEAT.md in your workspace and do \
      what it asks for now, no more. Do not repeat what earlier beats have settled. If nothing \
      needs attention, answer just HEARTBEAT_OK. Otherwise your answer goes to your owner as a \
      message: say only what they need to know.\
      """;

  private static final String FRAME =
      """


      (Nobody has written to you just now, and nobody can answer questions. Your last answer is sent \
      as a message to the person this is for: say just what they need to know. If there is nothing \
      to tell, answer just HEARTBEAT_OK and nothing is sent.)\
      """;

  private Messages() {}

  static String heartbeat(Job job) {
    return job.task().isBlank() ? BEAT : job.task() + FRAME;
  }

  static String job(Job job) {
    return "[Scheduled task " + job.id() + "] " + job.task() + FRAME;
  }

  static String watch(Watch watch) {
    return "[Watcher " + watch.id() + ": " + watch.path() + " has changed] " + watch.task() + FRAME;
  }
}
