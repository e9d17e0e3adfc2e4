package ai.liberclaw.agent.policy;

/** What a policy says to one call. */
public sealed interface Verdict {
  /** It may run. */
  record Allow() implements Verdict {}

  /**
   * A person decides.
   *
   * @param reason in words for that person
   */
  record Ask(String reason) implements Verdict {}

  /**
   * It may not run.
   *
   * @param reason in words for the model
   * @param policy the word of the mode that was in force
   */
  record Deny(String reason, String policy) implements Verdict {}

  Verdict ALLOW = new Allow();

  /** The stricter of two; of equals the first. */
  static Verdict stricter(Verdict first, Verdict second) {
    return rank(second) > rank(first) ? second : first;
  }

  private static int rank(Verdict verdict) {
    return switch (verdict) {
      case Allow _ -> 0;
      case Ask _ -> 1;
      case Deny _ -> 2;
    };
  }
}
