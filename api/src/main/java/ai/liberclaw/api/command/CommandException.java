package ai.liberclaw.api.command;

/** Arguments of a command that cannot be used; the message tells what can. */
public final class CommandException extends RuntimeException {
  public CommandException(String message) {
    super(message, null, false, false);
  }
}
