package ai.liberclaw.api.auth;

/** What a user may use; an unknown value counts as {@link #FREE}. */
final class Tier {
  static final String GUEST = "guest";
  static final String FREE = "free";

  private Tier() {}
}
