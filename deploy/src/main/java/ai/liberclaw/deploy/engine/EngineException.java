package ai.liberclaw.deploy.engine;

import org.jspecify.annotations.Nullable;

/** What a container engine refused, or that it did not answer. Its words are for the log alone. */
public final class EngineException extends RuntimeException {
  /** Not modified, conflict and the like have their HTTP meaning; this one is ours. */
  public static final int NO_ANSWER = 0;

  private static final int CONFLICT = 409;
  private static final int SERVER_ERROR = 500;

  private final int status;

  /**
   * @param status of the answer, or {@link #NO_ANSWER}
   */
  public EngineException(int status, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** Whether the same call may succeed later. */
  public boolean retryable() {
    return status == NO_ANSWER || status == CONFLICT || status >= SERVER_ERROR;
  }

  boolean conflict() {
    return status == CONFLICT;
  }

  /** Whether the engine's own words hold this. */
  public boolean says(String words) {
    return String.valueOf(getMessage()).contains(words);
  }
}
