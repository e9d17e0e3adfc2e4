package ai.liberclaw.agent.tool.shell;

/** What a shell says on its own line to the agent, which commands do not reach. */
sealed interface Answer {
  /**
   * A command begins.
   *
   * @param pid the shell's own, as it sees itself
   */
  record Begun(long pid) implements Answer {}

  /**
   * A command has ended, the shell lives.
   *
   * @param directory where it is now
   */
  record Done(int exitCode, String directory) implements Answer {}

  /** The shell itself has ended, and another one takes its place. */
  record Ended(int exitCode) implements Answer {}

  /** No shell takes its place. */
  record Closed() implements Answer {}

  /** Reads one line; what it does not know is as if the shell had closed. */
  static Answer of(String line) {
    String[] words = line.split(" ", 3);
    try {
      return switch (words[0]) {
        case "begun" -> new Begun(Long.parseLong(words[1]));
        case "done" -> new Done(Integer.parseInt(words[1]), words[2]);
        case "ended" -> new Ended(Integer.parseInt(words[1]));
        default -> new Closed();
      };
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
      return new Closed();
    }
  }
}
