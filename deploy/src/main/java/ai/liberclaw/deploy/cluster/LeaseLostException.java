package ai.liberclaw.deploy.cluster;

/** This server no longer holds the task: another may be at it, and nothing may be written. */
public final class LeaseLostException extends RuntimeException {
  LeaseLostException(String task) {
    super("the lease of " + task + " is lost");
  }
}
