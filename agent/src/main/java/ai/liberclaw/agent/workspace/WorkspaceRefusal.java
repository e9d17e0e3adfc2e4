package ai.liberclaw.agent.workspace;

/** A path the workspace does not give access to. The message is for whoever named the path. */
public final class WorkspaceRefusal extends RuntimeException {
  WorkspaceRefusal(String message) {
    super(message, null, false, false);
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
