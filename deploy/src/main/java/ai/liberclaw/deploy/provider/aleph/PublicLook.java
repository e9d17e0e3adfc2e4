package ai.liberclaw.deploy.provider.aleph;

/** Asks under a public name, as anybody on the internet can. */
@FunctionalInterface
interface PublicLook {
  /**
   * Whether somebody answers who has a certificate for the name. That an agent is down shows in the
   * answer, not in its absence.
   */
  boolean answers(String name) throws InterruptedException;
}
