package ai.liberclaw.agent.tool.file;

/** Why a file tool did nothing; the message is for the model and says what to do next. */
public final class FileFault extends Exception {
  public FileFault(String message) {
    super(message, null, false, false);
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
