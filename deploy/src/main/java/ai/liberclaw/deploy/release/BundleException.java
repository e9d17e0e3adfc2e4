package ai.liberclaw.deploy.release;

import org.jspecify.annotations.Nullable;

/** A bundle that cannot be read or is not to be trusted. The message holds no secret. */
public final class BundleException extends RuntimeException {
  public BundleException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public BundleException(String message) {
    this(message, null);
  }
}
