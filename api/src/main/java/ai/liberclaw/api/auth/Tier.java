package ai.liberclaw.api.auth;

/** What a user may use; an unknown value counts as {@link #FREE}. */
public final class Tier {
  public static final String GUEST = "guest";
  public static final String FREE = "free";

  private Tier() {}
}
