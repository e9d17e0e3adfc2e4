package ai.liberclaw.db;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A database that can't be opened or run. The message says what to do, names no secret, and needs
 * no stack trace.
 */
public final class DatabaseException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public DatabaseException(String message) {
    super(message);
  }

  public DatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
