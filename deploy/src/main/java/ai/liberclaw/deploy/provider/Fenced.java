package ai.liberclaw.deploy.provider;

/**
 * The right to work on an instance is gone: whoever gets this stops, and takes back what it made.
 */
public final class Fenced extends RuntimeException {
  public Fenced(String what) {
    super(what, null, false, false);
  }
}
