package ai.liberclaw.core.secret;

/** A token that no key reads. It never says why: the reason would help whoever forged it. */
public final class InvalidTokenException extends RuntimeException {
  InvalidTokenException() {
    super("invalid token");
  }
}
